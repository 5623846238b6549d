// When the restored primary's log had reached which place: what tells how old the oldest write is that a replica lacks.
// Needs no clock but our own, and nothing written anywhere. Pure.

export interface LogPlace {
  file: string;
  position: number;
}

export class LogAges {
  /** Oldest first, each place once: the moment at which it was first seen. */
  readonly #seen: (LogPlace & { at: number })[] = [];
  #first: LogPlace | null = null;

  /** `at`: milliseconds of a clock that only grows. */
  note(place: LogPlace, at: number): void {
    const last = this.#seen.at(-1);
    if (last && last.file === place.file && last.position === place.position) return;
    this.#first ??= place;
    this.#seen.push({ ...place, at });
  }

  /** Milliseconds since the log was first seen past what is applied; 0 where all that was seen is. */
  lag(applied: LogPlace, at: number): number {
    const lacking = this.#seen.find((place) => !hasReached(applied, place));
    return lacking ? at - lacking.at : 0;
  }

  /** Whether all is applied that the log held when it was first looked at. */
  isPastFirst(applied: LogPlace): boolean {
    return this.#first === null || hasReached(applied, this.#first);
  }

  /** Forgets what all of these have applied. */
  forget(applied: readonly LogPlace[]): void {
    // The last place stays: it is what the next is compared with.
    while (this.#seen.length > 1 && applied.every((place) => hasReached(place, this.#seen[0]!)))
      this.#seen.shift();
  }
}

function hasReached(applied: LogPlace, place: LogPlace): boolean {
  const files = fileNumber(applied.file) - fileNumber(place.file);
  if (files !== 0) return files > 0;
  return applied.position >= place.position;
}

/** binlog.000042 ► 42. The numbers grow past six digits, so that text would order them wrongly. */
function fileNumber(file: string): number {
  return Number(/(\d+)$/.exec(file)?.[1] ?? 0);
}
