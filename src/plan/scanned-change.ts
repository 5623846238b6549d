// A change of a plan's line while the line is read: numbers, and places in the line. Types, and one to begin with.
export interface ScannedChange {
  /** A PlanTable's id; NaN where there is none. */
  table: number;
  op: 'insert' | 'update' | 'delete' | null;
  flags: number;
  /** Where the base64 text of an image starts and ends in the line; -1: there is no such image. */
  beforeAt: number;
  beforeEnd: number;
  afterAt: number;
  afterEnd: number;
}

export function noChange(): ScannedChange {
  return { table: Number.NaN, op: null, flags: 0, beforeAt: -1, beforeEnd: -1, afterAt: -1, afterEnd: -1 };
}
