// Sends a large transaction piece by piece: while the server works on one packet the next is made, and the answers of the
// one before are judged. Holds three packets at most, however large the transaction is. Never commits, never rolls back.
import { setImmediate } from 'node:timers/promises';
import type { RawConnection } from '../server/connection.ts';
import { socketDrained } from '../server/socket-drained.ts';
import { type Answer, type BatchResult, sendBatch } from '../server/statement-batch.ts';

export interface Piece {
  statements: string[];
  /** By statement, whether its answer is as it must be. */
  fit: readonly ((answer: Answer) => boolean)[];
}

export type Sent =
  /** All of them, and all answers fit. */
  | { kind: 'sent' }
  /** What was sent by then has to be rolled back. */
  | { kind: 'does-not-fit' }
  /** The driver's error; the same. */
  | { kind: 'fault'; fault: unknown };

/** `onFirst`: see sendBatch(), of the first piece. What `pieces` throws is thrown once the server has answered. */
export async function sendInPieces(
  connection: RawConnection,
  pieces: Iterable<Piece>,
  onFirst: () => void,
): Promise<Sent> {
  let before: { piece: Piece; answered: Promise<BatchResult> } | null = null;
  const next = pieces[Symbol.iterator]();
  try {
    for (;;) {
      const one = next.next();
      const result: BatchResult | null = before && (await before.answered);
      if (result !== null && result.fault !== null) return { kind: 'fault', fault: result.fault };
      const judged = before;
      before = null;
      if (one.done !== true) {
        const { statements } = one.value;
        const answered = sendBatch(connection, statements, judged === null ? onFirst : undefined);
        before = { piece: one.value, answered };
        // Not behind the judging: the server would wait for the rest of it.
        await Promise.race([socketDrained(connection), answered]);
      }
      if (judged !== null && !(await fits(judged.piece, result!.answers))) return { kind: 'does-not-fit' };
      if (before === null) return { kind: 'sent' };
    }
  } finally {
    // Whatever comes next on the connection comes behind it; its own fault is then nobody's.
    await before?.answered;
  }
}

/** An answer at a time: what another connection's server waits for must not wait for all of them. */
async function fits({ fit }: Piece, answers: readonly Answer[]): Promise<boolean> {
  for (const [i, fitsOne] of fit.entries()) {
    if (!fitsOne(answers[i]!)) return false;
    await setImmediate();
  }
  return true;
}
