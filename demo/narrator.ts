// Speaks to the person at the terminal: chapters, sentences, commands as typed. Knows nothing of what happens.
import chalk, { Chalk } from 'chalk';

/** chalk itself does not know NO_COLOR (https://no-color.org). */
const paint = process.env.NO_COLOR ? new Chalk({ level: 0 }) : chalk;

export class Narrator {
  #chapter = 0;
  readonly #started = performance.now();

  title(text: string): void {
    console.log(paint.bold(text));
  }

  chapter(title: string): void {
    this.#chapter += 1;
    const text = ` ${this.#chapter}. ${title} `;
    console.log(`\n${paint.bold(`──${text}${'─'.repeat(Math.max(3, 76 - text.length))}`)}`);
  }

  /** A sentence or two; broken into lines here. */
  say(text: string): void {
    console.log(wrapped(text, 78));
  }

  /** Something else begins. */
  pause(): void {
    console.log('');
  }

  command(line: string): void {
    console.log(`\n${paint.cyan('$')} ${paint.bold(line.trim())}`);
  }

  /** `committed on B  688  while A had none of them` */
  count(title: string, number: number, text: string): void {
    console.log(`  ${title.padEnd(14)} ${paint.bold(String(number).padStart(5))}  ${text}`);
  }

  /** One line of the proof. */
  proof(holds: boolean, text: string): void {
    console.log(`  ${holds ? paint.green('✔') : paint.red.bold('✘ WRONG')} ${text}`);
  }

  detail(text: string): void {
    console.log(`    ${text}`);
  }

  success(text: string): void {
    console.log(`\n${paint.green.bold(text)}`);
  }

  failure(text: string): void {
    console.error(paint.red(text));
  }

  get seconds(): string {
    return ((performance.now() - this.#started) / 1000).toFixed(0);
  }
}

function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
