// How a transaction's rows are put into statements. Two engines: row events, and SQL. Types only.
import type { WindowTransaction } from '../diff/window-rows.ts';

export type EngineName = 'row-events' | 'sql';

export interface EngineStatement {
  sql: string;
  /** How many rows the server must say it wrote, where the engine leaves that to us; null: the statement fails by itself. */
  rows: number | null;
  /** Nothing may follow it in its packet. */
  last: boolean;
}

export interface WriteEngine {
  readonly name: EngineName;
  /** Sent once, on a new connection; none of it writes. */
  readonly opening: readonly string[];
  /** The statements that carry the transaction out, in order. */
  statements(transaction: WindowTransaction): Iterable<EngineStatement>;
}
