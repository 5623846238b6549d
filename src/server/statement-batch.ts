// Sends several statements in one packet and tells how far the server came. Never retries, never judges an answer.
import type { Connection, ResultSetHeader } from 'mysql2';
import type { RawConnection } from './connection.ts';
import type { RawRow } from './raw-rows.ts';

/** A statement's answer: the rows of a SELECT as the server sent them, or what another statement did. */
export type Answer = RawRow[] | ResultSetHeader;

export interface BatchResult {
  /** One a statement; empty where there was a fault. */
  answers: Answer[];
  /** The driver's error. The statements behind the failing one have not run. */
  fault: unknown;
  /** Whether the first statement was carried out: with a fault, whether it was another one's. */
  firstDone: boolean;
}

/**
 * `connection` was opened with multipleStatements. `onFirst` is called as soon as the first statement's answer is here.
 * Never rejects: what a fault leaves undone is the caller's to sort out.
 */
export function sendBatch(
  connection: RawConnection,
  statements: readonly string[],
  onFirst?: () => void,
): Promise<BatchResult> {
  return new Promise((resolve) => {
    let firstDone = false;
    // The driver's promises hide which statement failed: its own connection, below them, tells.
    const { connection: driver } = connection as unknown as { connection: Connection };
    const query = driver.query(
      { sql: statements.join(';\n'), rowsAsArray: true, typeCast: false },
      (fault: unknown, answer: unknown) => {
        if (fault) resolve({ answers: [], fault, firstDone });
        else
          resolve({
            answers: statements.length === 1 ? [answer as Answer] : (answer as Answer[]),
            fault: null,
            firstDone,
          });
      },
    );
    // The driver says 'fields' for every statement's answer, with columns or without.
    query.once('fields', () => {
      firstDone = true;
      onFirst?.();
    });
  });
}

/** Of a statement that answers no rows. */
export function affectedRows(answer: Answer): number {
  return Array.isArray(answer) ? 0 : answer.affectedRows;
}
