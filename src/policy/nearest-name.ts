// The name that somebody probably meant. Decides nothing: it is for hints.

/** Undefined where nothing is near: a wild guess helps nobody. */
export function nearestName(word: string, names: Iterable<string>): string | undefined {
  return [...names]
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}

/** `Did you mean status?`, else what there is. */
export function meant(word: string, names: readonly string[], what: string): string {
  const near = nearestName(word, names);
  return near === undefined ? `${what}: ${names.join(', ')}.` : `Did you mean ${near}?`;
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
