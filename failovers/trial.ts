// Would a transaction fit what the restored primary holds? Asked of a real server: its rows are copied into tables with the same
// unique keys, and each step is tried there as plain deletes and inserts; then every reference must have its parent. Slow and
// plain on purpose: it shares no thought with the diff.
import type { Connection } from 'mysql2/promise';
import { copyRows, lacking, type Rows, rowText, snapshot, sum, tableOf, unlike } from './rows.ts';
import type { Table } from './schema.ts';

export class Trial {
  readonly #connection: Connection;
  readonly #schema: string;
  readonly #tables: readonly Table[];
  #rows: Rows;

  private constructor(connection: Connection, schema: string, tables: readonly Table[], rows: Rows) {
    this.#connection = connection;
    this.#schema = schema;
    this.#tables = tables;
    this.#rows = rows;
  }

  /** `from`: a schema of the same server, whose tables are copied without foreign keys and triggers. */
  static async begin(
    connection: Connection,
    from: string,
    schema: string,
    tables: readonly Table[],
    rows: Rows,
  ): Promise<Trial> {
    const trial = new Trial(connection, schema, tables, new Map());
    await connection.query(`DROP DATABASE IF EXISTS ${schema}; CREATE DATABASE ${schema}`);
    for (const { name } of tables)
      await connection.query(`CREATE TABLE ${schema}.${name} LIKE ${from}.${name}`);
    await connection.query('START TRANSACTION');
    await trial.#write(rows);
    await connection.query('COMMIT');
    trial.#rows = rows;
    return trial;
  }

  get rows(): Rows {
    return this.#rows;
  }

  /** Null where it fits, else why not. `keep`: where it fits it stays, for what comes after it. */
  async fits(steps: readonly Rows[], keep: boolean): Promise<string | null> {
    let rows = this.#rows;
    await this.#connection.query('START TRANSACTION');
    let why: string | null = null;
    for (const step of steps) {
      why = await this.#try(rows, step);
      if (why !== null) break;
      rows = sum(rows, step);
    }
    const stays = keep && why === null;
    await this.#connection.query(stays ? 'COMMIT' : 'ROLLBACK');
    if (stays) this.#rows = rows;
    return why;
  }

  /** Throws where the trial itself has gone wrong: its tables are not what was tried on them. */
  async check(): Promise<void> {
    const found = await snapshot(this.#connection, this.#schema, this.#tables);
    const wrong = unlike(found, this.#rows);
    if (wrong.length > 0) throw new Error(`the trial’s own tables are wrong:\n${wrong.join('\n')}`);
  }

  async #try(rows: Rows, step: Rows): Promise<string | null> {
    const absent = lacking(rows, step);
    if (absent.length > 0) return `not there: ${absent.join(' ; ')}`;
    try {
      await this.#write(step);
    } catch (error) {
      if ((error as { errno?: number }).errno !== 1062) throw error;
      return (error as Error).message;
    }
    return this.#orphans(new Set([...step.keys()].map(tableOf)));
  }

  async #write(step: Rows): Promise<void> {
    const gone = [...step].filter(([, n]) => n < 0);
    const come = [...step].filter(([, n]) => n > 0);
    for (const [row, n] of gone) {
      const table = this.#table(row);
      const text = row.slice(table.name.length + 1);
      await this.#connection.query(
        `DELETE FROM ${this.#schema}.${table.name} WHERE CAST(${rowText(table)} AS BINARY) = CAST(? AS BINARY) LIMIT ${-n}`,
        [text],
      );
    }
    await copyRows(this.#connection, this.#schema, this.#tables, new Map(come));
  }

  async #orphans(touched: Set<string>): Promise<string | null> {
    for (const child of this.#tables) {
      for (const { column, table, parentColumn } of child.references) {
        if (!touched.has(child.name) && !touched.has(table)) continue;
        const [rows] = await this.#connection.query(
          `SELECT 1 FROM ${this.#schema}.${child.name} c LEFT JOIN ${this.#schema}.${table} p ON c.${column} = p.${parentColumn} WHERE c.${column} IS NOT NULL AND p.${parentColumn} IS NULL LIMIT 1`,
        );
        if ((rows as unknown[]).length > 0) return `${child.name}.${column} would have no parent in ${table}`;
      }
    }
    return null;
  }

  #table(row: string): Table {
    return this.#tables.find(({ name }) => name === tableOf(row))!;
  }
}
