// Reads rows of the restored primary by key: in batches, by index, over a few connections. Never scans a table,
// never judges a row.
import { ReconcileError } from '../reconcile-error.ts';
import { canonicalRows, canonicalSelect } from './canonical-row.ts';
import { type ColumnDefinition, readCatalogue, type TableDefinition, type UniqueKey } from './catalogue.ts';
import { keyLiteral } from './column-sql.ts';
import type { RawConnection, Server } from './connection.ts';
import { statementError } from './connection-errors.ts';
import {
  isByIndex,
  keyLiterals,
  keyValues,
  ROWS_A_STATEMENT,
  selectByLiterals,
  whyNotAsked,
} from './expression-keys.ts';
import { inBatches } from './key-batches.ts';
import { inPieces, type KeyLookUp, selectByKeys } from './key-look-up.ts';
import { nextKey } from './next-key.ts';
import { RowSet } from './row-set.ts';
import { sendBatch } from './statement-batch.ts';

/** Values a statement whose weights are asked for. */
const VALUES_A_STATEMENT = 500;
const CONNECTIONS = 3;

export class RowReader {
  readonly #server: Server;
  readonly #admit: () => Promise<void>;
  readonly #connections: Promise<RawConnection>[] = [];
  #noPad: Promise<Map<string, boolean>> | null = null;
  #asked = 0;

  /** `admit` is waited for before each statement: it holds them back while the server is busy. */
  constructor(server: Server, admit: () => Promise<void> = async () => {}) {
    this.#server = server;
    this.#admit = admit;
  }

  definitions(tables: { schema: string; table: string }[]): Promise<Map<string, TableDefinition>> {
    // Rows are asked for next: their connection is opened meanwhile. A failure is told by the look-up that needs it.
    if (tables.length > 0) this.#connection(0).catch(() => {});
    return readCatalogue(this.#server, tables);
  }

  /** One statement a look-up, or some where its keys are long. They are taken from the list as connections get free; so are the answers handed on. */
  rows<T extends KeyLookUp>(
    lookUps: Iterable<T>,
    take: (lookUp: T, rows: (string | null)[][]) => Promise<void> | void,
  ): Promise<void> {
    return this.answers(lookUps, (lookUp, found) => take(lookUp, canonicalRows(lookUp.definition, found)));
  }

  /** The same, rows as the server sent them. */
  async answers<T extends KeyLookUp>(
    lookUps: Iterable<T>,
    take: (lookUp: T, found: RowSet) => Promise<void> | void,
  ): Promise<void> {
    const next = lookUps[Symbol.iterator]();
    const work = async (worker: number): Promise<void> => {
      for (let one = next.next(); one.done !== true; one = next.next()) {
        const lookUp = one.value;
        const found = new RowSet(lookUp.definition.columns.length);
        for (const piece of inPieces(lookUp)) found.addAll(await this.#ask(worker, selectByKeys(piece)));
        await take(lookUp, found);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => work(i)));
  }

  /** Weights under the column's collation: equal exactly where the collation calls the values equal. */
  async collationKeys(column: ColumnDefinition, values: string[]): Promise<string[]> {
    const keys: string[] = [];
    const padded = !(await this.#isNoPad(column.collation!));
    // Whoever asks for several at once gets a connection for each.
    const worker = this.#asked++ % CONNECTIONS;
    for (const batch of inBatches(values, VALUES_A_STATEMENT, ({ length }) => length)) {
      const weights = batch.map((value) => weightExpression(column, value, padded));
      for (const row of await this.#ask(worker, `SELECT ${weights.join(', ')}`)) {
        for (const weight of row.texts()) {
          if (weight === null) {
            throw new ReconcileError(
              'unsupported',
              `${column.name}: no weights for collation ${column.collation}`,
            );
          }
          keys.push(weight);
        }
      }
    }
    return keys;
  }

  /**
   * For each row of ours, the row here that has its value in a unique key over expressions; null: none. A text: why that
   * can't be asked without reading the table.
   */
  async rowsByExpression(
    definition: TableDefinition,
    key: UniqueKey,
    rows: readonly (string | null)[][],
  ): Promise<((string | null)[] | null)[] | string> {
    const why = whyNotAsked(key, definition);
    if (why !== null) return why;
    const found: ((string | null)[] | null)[] = rows.map(() => null);
    try {
      for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
        const answers = await this.#ask(
          0,
          keyValues(key, definition, rows.slice(from, from + ROWS_A_STATEMENT)),
        );
        const asked: { place: number; literals: string[] }[] = [];
        let place = from;
        for (const answer of answers) {
          const literals = keyLiterals(answer.texts());
          if (literals !== null) asked.push({ place, literals });
          place += 1;
        }
        if (asked.length === 0) continue;
        const plan = await this.#server.query(
          `EXPLAIN FORMAT=TRADITIONAL ${selectByLiterals(key, definition, '1', asked[0]!.literals)}`,
        );
        if (!isByIndex(plan)) return 'the server would read the table for it';
        const selects = asked.map(
          (one) =>
            `(${selectByLiterals(key, definition, `${one.place}, ${canonicalSelect(definition)}`, one.literals)})`,
        );
        const rest = await this.#ask(0, selects.join(' UNION ALL '));
        const places = Array.from(rest, (row) => Number(row.text(0)));
        canonicalRows(definition, rest.rest).forEach((row, i) => {
          found[places[i]!] = row;
        });
      }
    } catch (cause) {
      if (!(cause instanceof ReconcileError) || cause.code !== 'internal') throw cause;
      // Its message may hold values.
      return 'the server can’t work it out for these rows';
    }
    return found;
  }

  nextKey(definition: TableDefinition, column: ColumnDefinition): Promise<bigint> {
    return nextKey(this.#server, definition, column);
  }

  async #isNoPad(collation: string): Promise<boolean> {
    this.#noPad ??= this.#readNoPad();
    return (await this.#noPad).get(collation) ?? /nopad/.test(collation);
  }

  async #readNoPad(): Promise<Map<string, boolean>> {
    const columns = await this.#server.query(
      `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='information_schema'
       AND TABLE_NAME='COLLATIONS' AND COLUMN_NAME='PAD_ATTRIBUTE'`,
    );
    if (columns.length === 0) return new Map();
    const rows = await this.#server.query(
      'SELECT COLLATION_NAME AS name, PAD_ATTRIBUTE AS pad FROM information_schema.COLLATIONS',
    );
    return new Map(rows.map(({ name, pad }) => [name!, pad === 'NO PAD']));
  }

  /** `sql`: one SELECT. */
  async #ask(worker: number, sql: string): Promise<RowSet> {
    await this.#admit();
    const { answers, fault } = await sendBatch(await this.#connection(worker), [sql]);
    if (fault !== null) throw statementError(this.#server.name, sql, fault);
    return answers[0] as RowSet;
  }

  #connection(worker: number): Promise<RawConnection> {
    this.#connections[worker] ??= this.#server.open();
    return this.#connections[worker];
  }
}

function weightExpression(column: ColumnDefinition, value: string, padded: boolean): string {
  const text = keyLiteral(column, value);
  // Trailing spaces do not count under a PAD SPACE collation, but WEIGHT_STRING would weigh them.
  const trimmed = padded ? `TRIM(TRAILING CONVERT(' ' USING ${column.charset}) FROM ${text})` : text;
  return `WEIGHT_STRING(${trimmed} COLLATE ${column.collation})`;
}
