// What part of which log somebody wants read. Types only.
import type { Server } from '../server/connection.ts';

export interface LogPosition {
  file: string;
  position: number;
}

/** Where a window begins, with what is known of the GTIDs before it. */
export type WindowStart =
  /** At coordinates: from a record or from --start-position. */
  | { kind: 'position'; file: string; position: number; gtidSet: string | null }
  /** Behind a GTID set (--start-gtid-set, or inferred: all that the restored primary has executed). */
  | { kind: 'gtids'; gtidSet: string }
  /** All that there is: `inspect` without a record. */
  | { kind: 'beginning' };

/** The failed primary, running; or its files. */
export type LogOrigin = { kind: 'live'; server: Server } | { kind: 'files'; paths: string[] };

export interface WindowRequest {
  origin: LogOrigin;
  start: WindowStart;
  stop: LogPosition | undefined;
  /** Microseconds since 1970. */
  stopDatetime: number | undefined;
  /** `db.table`; empty: all. A transaction that touches one of them is read whole. */
  tables: readonly string[];
  ignoreTables: readonly string[];
}
