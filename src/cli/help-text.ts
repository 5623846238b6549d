// Fits help texts to the terminal. Pure.

/** One line a paragraph: commander breaks lines by itself, at the terminal's width. */
export function paragraphs(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)/g, ' ');
}
