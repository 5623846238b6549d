// How a transaction's rows are put into statements. Two engines: row events, and SQL. Makes none itself.
import type { WindowTransaction } from '../diff/window-rows.ts';
import type { Answer } from '../server/statement-batch.ts';

export type EngineName = 'row-events' | 'sql';

export interface EngineStatement {
  sql: string;
  /** Whether the answer shows that it did what it should, where the server leaves that to us; null: it fails by itself. */
  proves: ((answer: Answer) => boolean) | null;
  /** Nothing may follow it in its packet. */
  last: boolean;
  /** It touches only rows of so many changes from the transaction's first on; not given: of any. */
  changes?: number;
}

export interface WriteEngine {
  readonly name: EngineName;
  /** Sent once, on a new connection; none of it writes. */
  readonly opening: readonly EngineStatement[];
  /** Whether what was written is read back before it is committed: the server may have made something else of a value. */
  readonly readsBack: boolean;
  /** The statements that carry the transaction out, in order. */
  statements(transaction: WindowTransaction): Iterable<EngineStatement>;
  /** Why the engine can't write it exactly; null: it can. */
  unwritable(transaction: WindowTransaction): string | null;
}

/** One that fails by itself, with others in its packet. */
export function plainStatement(sql: string): EngineStatement {
  return { sql, proves: null, last: false };
}
