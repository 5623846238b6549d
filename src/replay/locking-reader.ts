// Reads, inside the replay's own transaction, the rows that a step writes (locked exclusively) and those it needs to
// stay (locked shared), in one round trip that also opens the transaction. Judges nothing.
import type { LookUp, RestoredReader, TakeRows } from '../diff/restored-reader.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { RawConnection } from '../server/connection.ts';
import type { RawRow } from '../server/raw-rows.ts';
import { canonicalRow, selectByKeys } from '../server/row-reader.ts';

export class LockingReader implements RestoredReader {
  readonly #connection: RawConnection;
  readonly #plain: RestoredReader;
  #opening: string[] = [];

  /** `plain` answers what needs no lock: definitions and collations. `connection` allows several statements at once. */
  constructor(connection: RawConnection, plain: RestoredReader) {
    this.#connection = connection;
    this.#plain = plain;
  }

  /** Statements that the next look-up sends ahead of its own. */
  openWith(statements: string[]): void {
    this.#opening = statements;
  }

  async rows<T extends LookUp>(lookUps: Iterable<T>, take: TakeRows<T>): Promise<void> {
    const opening = this.#opening;
    this.#opening = [];
    const asked = [...lookUps];
    const selects = asked.map(
      (lookUp) => `${selectByKeys(lookUp)}${lookUp.written ? ' FOR UPDATE' : ' LOCK IN SHARE MODE'}`,
    );
    const statements = [...opening, ...selects];
    if (statements.length === 0) return;
    const [answer] = await this.#connection.query({
      sql: statements.join(';\n'),
      rowsAsArray: true,
      typeCast: false,
    });
    const sets = (statements.length === 1 ? [answer] : (answer as unknown[])).slice(opening.length);
    // Under a GTID that is executed already the server skips statements and answers OK: no rows is then no answer.
    if (sets.length !== asked.length || !sets.every((set) => Array.isArray(set))) {
      throw new ReconcileError(
        'internal',
        'the restored primary skipped the look-up of rows that a replay needs to lock',
        {
          hint: 'Its executed GTID set changed under us: run the same command again.',
        },
      );
    }
    for (const [i, lookUp] of asked.entries()) {
      await take(lookUp, (sets[i] as RawRow[]).map(canonicalRow(lookUp.definition)));
    }
  }

  collationKeys: RestoredReader['collationKeys'] = (column, values) =>
    this.#plain.collationKeys(column, values);
  nextKey: RestoredReader['nextKey'] = (definition, column) => this.#plain.nextKey(definition, column);
  definitions: RestoredReader['definitions'] = (tables) => this.#plain.definitions(tables);
}
