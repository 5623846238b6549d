// Reads, inside the replay's own transaction, the rows that a step writes (locked exclusively) and those it needs to
// stay (locked shared), in one round trip that also opens the transaction. Judges nothing.
import type { LookUp, RestoredReader, TakeRows } from '../diff/restored-reader.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { canonicalRows } from '../server/canonical-row.ts';
import type { RawConnection } from '../server/connection.ts';
import { inPieces, keysToLock, selectByKeys } from '../server/key-look-up.ts';
import { RowSet } from '../server/row-set.ts';
import { type Answer, sendBatch } from '../server/statement-batch.ts';
import { inPackets } from './statement-packets.ts';

export class LockingReader implements RestoredReader {
  readonly #connection: RawConnection;
  readonly #plain: RestoredReader;
  readonly #maxAllowedPacket: number;
  #opening: string[] = [];
  #opened: (answers: readonly Answer[]) => void = () => {};

  /** `plain` answers what needs no lock: definitions and collations. `connection` allows several statements at once. */
  constructor(connection: RawConnection, plain: RestoredReader, maxAllowedPacket: number) {
    this.#connection = connection;
    this.#maxAllowedPacket = maxAllowedPacket;
    this.#plain = plain;
  }

  /** Statements that the next look-up sends ahead of its own; `opened` is given their answers, and may throw. */
  openWith(statements: string[], opened: (answers: readonly Answer[]) => void): void {
    this.#opening = statements;
    this.#opened = opened;
  }

  async rows<T extends LookUp>(lookUps: Iterable<T>, take: TakeRows<T>): Promise<void> {
    const opening = this.#opening;
    this.#opening = [];
    const asked = [...lookUps];
    const pieces = asked.map((lookUp) => inPieces(lookUp, keysToLock(lookUp.definition, lookUp.columns)));
    const selects = pieces
      .flat()
      .map((piece) => `${selectByKeys(piece)}${piece.written ? ' FOR UPDATE' : ' LOCK IN SHARE MODE'}`);
    const statements = [...opening, ...selects].map((sql) => ({ sql, proves: null, last: false }));
    const answers: Answer[] = [];
    for (const packet of inPackets(statements, this.#maxAllowedPacket)) {
      const result = await sendBatch(
        this.#connection,
        packet.map(({ sql }) => sql),
      );
      if (result.fault !== null) throw result.fault;
      answers.push(...result.answers);
    }
    if (opening.length > 0) this.#opened(answers.slice(0, opening.length));
    let next = opening.length;
    for (const [i, lookUp] of asked.entries()) {
      const found = answers.slice(next, next + pieces[i]!.length);
      next += found.length;
      // Under a GTID that is executed already the server skips statements and answers OK: no rows is then no answer.
      if (!found.every((answer) => answer instanceof RowSet)) {
        throw new ReconcileError(
          'internal',
          'the restored primary skipped the look-up of rows that a replay needs to lock',
          { hint: 'Its executed GTID set changed under us: run the same command again.' },
        );
      }
      await take(
        lookUp,
        found.flatMap((rows) => canonicalRows(lookUp.definition, rows)),
      );
    }
  }

  collationKeys: RestoredReader['collationKeys'] = (column, values) =>
    this.#plain.collationKeys(column, values);
  rowsByExpression: RestoredReader['rowsByExpression'] = (definition, key, rows) =>
    this.#plain.rowsByExpression(definition, key, rows);
  nextKey: RestoredReader['nextKey'] = (definition, column) => this.#plain.nextKey(definition, column);
  definitions: RestoredReader['definitions'] = (tables) => this.#plain.definitions(tables);
}
