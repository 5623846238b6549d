// Puts the looks at a transaction's rows and the statements that write them into one order, and says which answers they
// must have. Pure: never sends.
import { RowSet } from '../server/row-set.ts';
import type { Answer } from '../server/statement-batch.ts';
import type { Look } from './quick-look.ts';
import type { Piece } from './send-in-pieces.ts';
import type { EngineStatement } from './write-engine.ts';

/** Two thousand rows: enough for the server to be busy with, little to hold. */
const LOOKS_A_PIECE = 4;

export function proving({ sql, fits }: Look): EngineStatement {
  return { sql, proves: (answer) => fitsAnswer(fits, answer), last: false };
}

/** Under a GTID that is executed already the server answers OK to a SELECT that locks. */
export function fitsAnswer(fits: Look['fits'], answer: Answer): boolean {
  return answer instanceof RowSet && fits(answer);
}

/** So that the server writes rows while those of the statement before are judged. */
export function* eachBehindItsLooks(
  looks: Iterable<Look>,
  statements: Iterable<EngineStatement>,
): Generator<EngineStatement> {
  const next = looks[Symbol.iterator]();
  let look = next.next();
  const looksBefore = function* (changes: number): Generator<EngineStatement> {
    for (let sent = 1; look.done !== true && look.value.before < changes; look = next.next(), sent++)
      yield { ...proving(look.value), last: sent % LOOKS_A_PIECE === 0 };
  };
  for (const statement of statements) {
    yield* looksBefore(statement.changes ?? Number.POSITIVE_INFINITY);
    yield statement;
  }
  yield* looksBefore(Number.POSITIVE_INFINITY);
}

export function piece(packet: readonly EngineStatement[]): Piece {
  return {
    statements: packet.map(({ sql }) => sql),
    fit: packet.map(
      ({ proves }) =>
        (answer) =>
          proves === null || proves(answer),
    ),
  };
}
