// One session in which transactions of the window are written: what opens one, what ends one, and what its faults are
// called. Judges no row.
import type { RawConnection } from '../server/connection.ts';
import { quoteText } from '../server/sql-text.ts';
import { type BatchResult, sendBatch } from '../server/statement-batch.ts';
import type { Journal } from './journal.ts';
import type { ReplayStep } from './replay-writer.ts';
import { commitError, fatalError } from './server-faults.ts';

/** So often one is begun that meets somebody else's locks. */
export const TRIES = 10;
/**
 * Empty where GTID_NEXT is executed already: the server then skips what is written, and answers OK. It also skips SELECTs
 * that lock (9.7 does), but plain ones it answers.
 */
export const OWN_GTID = '@@SESSION.gtid_owned';

export class WriterSession {
  readonly connection: RawConnection;
  readonly #server: string;
  readonly #journal: Journal;
  /** Whether the session's GTID_NEXT is the server's to choose. */
  #automatic = true;

  /** `server`: its name, for errors. */
  constructor(connection: RawConnection, server: string, journal: Journal) {
    this.connection = connection;
    this.#server = server;
    this.#journal = journal;
  }

  /** See sendBatch(). */
  send(statements: readonly string[], onFirst?: () => void): Promise<BatchResult> {
    return sendBatch(this.connection, statements, onFirst);
  }

  commit(): Promise<BatchResult> {
    return this.send(['COMMIT', ...this.automaticAgain()]);
  }

  /** Its mark goes first: it is there with the rows, or neither is. */
  begin({ marker, notes }: ReplayStep): string[] {
    const state = marker.kind === 'gtid' ? 'applied' : marker.state;
    const noted = notes.map((key) => this.#journal.note(key, state));
    if (marker.kind === 'gtid') {
      this.#automatic = false;
      return [`SET SESSION GTID_NEXT=${quoteText(marker.gtid)}`, ...noted];
    }
    return [...this.automaticAgain(), this.#journal.note(marker.key, marker.state), ...noted];
  }

  automaticAgain(): string[] {
    if (this.#automatic) return [];
    this.#automatic = true;
    return [`SET SESSION GTID_NEXT='AUTOMATIC'`];
  }

  async rollBack(): Promise<void> {
    // On a lost connection the server rolls back by itself, and the error that brought us here says so.
    await this.send(['ROLLBACK', ...this.automaticAgain()]);
  }

  commitError({ window }: ReplayStep, error: unknown): Error {
    return commitError(this.#server, window.transaction.id, error, TRIES);
  }

  fatal({ window }: ReplayStep, error: unknown): Error {
    return fatalError(this.#server, window.transaction.id, error, TRIES);
  }
}
