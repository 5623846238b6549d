// What we decode from a log equals what the server that wrote it answers: random rows of all types, edges first.
import { afterAll, describe, expect, it } from 'vitest';
import { isAnswered } from '../../src/binlog/answered-value.ts';
import * as T from '../../src/binlog/column-type.ts';
import { serverValue, unsupportedColumn, type ValueColumn } from '../../src/binlog/column-value.ts';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { valueEnd } from '../../src/binlog/row-image.ts';
import { ABSENT_VALUE, type RowImage } from '../../src/binlog/transaction.ts';
import { encodeRow } from '../../src/binlog/value-encoder.ts';
import { type SandboxServer, startServer } from '../sandbox/index.ts';
import { connectTo, endOf, servers, transactionsOf, valuesOf } from './reading.ts';
import { seeded, type TestColumn, testColumns } from './value-columns.ts';

const ROWS = 300;

describe.each(servers)('$name', ({ name, flavor, version, args }) => {
  let server: SandboxServer | undefined;
  afterAll(async () => {
    await server?.remove();
  });

  it('logs the values that it answers', async () => {
    const metadata = flavor === 'mariadb' && version === '10.11' ? 'MINIMAL' : 'FULL';
    server = await startServer({
      name: `values-${version}`,
      flavor,
      version,
      serverId: 11,
      args: [
        ...args,
        `--binlog-row-metadata=${metadata}`,
        '--sql-mode=ALLOW_INVALID_DATES',
        '--max-allowed-packet=64M',
      ],
    });
    const columns = testColumns(flavor, version !== '10.11');
    // As arrays: mysql2 takes the names of utf16 columns for utf16 too.
    const connection = await connectTo(server, {
      rowsAsArray: true,
      typeCast: (field: { buffer(): Buffer | null }) => field.buffer(),
    });
    try {
      await connection.query('CREATE DATABASE v; USE v');
      await connection.query("SET NAMES utf8mb4; SET time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES'");
      const list = columns.map(
        (column) => `${column.name} ${column.ddl}${/NULL$/.test(column.ddl) ? '' : ' NULL'}`,
      );
      await connection.query(`CREATE TABLE t (id INT PRIMARY KEY, ${list.join(', ')}) ROW_FORMAT=DYNAMIC`);
      const start = await endOf(server);
      const random = seeded(20261120);
      for (let at = 0; at < ROWS; at += 20) {
        const rows = Array.from(
          { length: 20 },
          (_, i) =>
            `(${at + i}, ${columns.map((c) => (random() < 0.08 ? 'NULL' : c.literal(random))).join(', ')})`,
        );
        await connection.query(`INSERT IGNORE INTO t VALUES ${rows.join(', ')}`);
      }
      // Another zone and another result character set must make no difference to the log.
      await connection.query("SET time_zone = '+05:30'; UPDATE t SET c0 = NULL WHERE id % 3 = 0");
      const stop = await endOf(server);

      await connection.query("SET time_zone = '+00:00', character_set_results = NULL");
      const [answers] = await connection.query(
        `SELECT id, ${columns.map(selected).join(', ')} FROM t ORDER BY id`,
      );
      const source = await openFileSource({
        paths: [await server.binlogDirectory()],
        start: { kind: 'position', ...start },
        stop,
      });
      const { transactions, account } = await transactionsOf(source);
      expect(account.closes()).toBe(true);
      expect(account.undecoded).toBe(0);

      const logged = new Map<string, (string | null | undefined)[]>();
      const images = new Map<string, RowImage>();
      let shape: ValueColumn[] = [];
      const encoded: string[] = [];
      for (const change of transactions.flatMap((transaction) => transaction.changes)) {
        shape = shapeOf(change.table.columns, columns);
        const values = valuesOf(change.after!, shape);
        logged.set(values[0]!, values);
        images.set(values[0]!, change.after!);
        for (const image of [change.before, change.after]) {
          if (image !== null) encoded.push(...encodedOtherwise(image, shape));
        }
      }
      const rows = answers as (Buffer | null)[][];
      expect(logged.size).toBe(rows.length);
      expect(encoded.slice(0, 20), 'the texts of the log, encoded, are its bytes again').toEqual([]);
      const differences: string[] = [];
      for (const [r, row] of rows.entries()) {
        const values = logged.get(row[0]!.toString())!;
        const image = images.get(row[0]!.toString())!;
        columns.forEach((column, i) => {
          // Without making the texts: of its own answer, and of others that may be like it.
          for (const other of rows.slice(r, r + 4)) {
            const [of, answered] = [shape[i + 1]!, other[i + 1]];
            const start = image.offsets[i + 1]!;
            if (start < 0 || !answered) continue;
            const end = valueEnd(image, i + 1);
            const found = isAnswered(of, image.bytes, start, end, of, answered, 0, answered.length);
            if (found !== (values[i + 1] === serverValue(of, answered))) {
              const told = `isAnswered() says ${found}`;
              differences.push(
                `${name} ${column.ddl} row ${row[0]}: log ${show(values[i + 1])}, answer ${show(answered.toString('latin1'))}: ${told}`,
              );
            }
          }
          const answer = row[i + 1];
          const expected =
            answer === null || answer === undefined ? null : serverValue(shape[i + 1]!, answer);
          if (values[i + 1] !== expected) {
            differences.push(
              `${name} ${column.ddl} row ${row[0]}: log ${show(values[i + 1])}, server ${show(expected)}`,
            );
          }
        });
      }
      expect(differences.slice(0, 20)).toEqual([]);
    } finally {
      connection.destroy();
    }
  });
});

function selected(column: TestColumn): string {
  if (column.select?.startsWith('CAST AS')) return `CAST(${column.name}${column.select.slice(4)})`;
  if (column.select === 'CAST') return `CAST(${column.name} AS UNSIGNED) AS ${column.name}`;
  return column.select === undefined ? column.name : `${column.name}${column.select} AS ${column.name}`;
}

/** Sign and binary character set as declared, checked against the log's own metadata where it has them. */
function shapeOf(
  logged: readonly {
    type: number;
    meta: number;
    unsigned: boolean | null;
    collation: number | null;
    name: string | null;
  }[],
  columns: readonly TestColumn[],
): ValueColumn[] {
  return logged.map((column, i) => {
    const declared = columns[i - 1];
    const unsigned = declared?.unsigned ?? false;
    const binary = declared?.binary ?? false;
    expect(unsupportedColumn(column)).toBe(null);
    if (column.unsigned !== null && declared?.ddl !== 'YEAR')
      expect([declared?.ddl, column.unsigned]).toEqual([declared?.ddl, unsigned]);
    if (column.collation !== null)
      expect([declared?.ddl, column.collation === 63]).toEqual([declared?.ddl, binary]);
    if (column.name !== null && i > 0) expect(column.name).toBe(declared!.name);
    return { type: column.type, meta: column.meta, unsigned, binary };
  });
}

/** Decoded and encoded again, a row must be the very bytes of the log; JSON is written from no text. */
function encodedOtherwise(image: RowImage, shape: readonly ValueColumn[]): string[] {
  const values = valuesOf(image, shape).map((text, i) => (shape[i]!.type === T.JSON_TYPE ? undefined : text));
  const again = encodeRow(shape, values);
  return shape.flatMap((column, i) => {
    const logged = values[i];
    if (logged === undefined) return again.offsets[i] === ABSENT_VALUE ? [] : [`column ${i} is not absent`];
    // Nothing says at which level a value was compressed: it is encoded plain.
    if (isCompressed(column) && logged !== null)
      return valuesOf(again, shape)[i] === logged ? [] : [`type ${column.type} ${show(logged)}`];
    const [want, found] = [stored(image, i), stored(again, i)];
    return want === found ? [] : [`type ${column.type} ${show(values[i])}: log ${want}, encoded ${found}`];
  });
}

function isCompressed({ type }: ValueColumn): boolean {
  return type === T.VARCHAR_COMPRESSED || type === T.BLOB_COMPRESSED;
}

function stored(image: RowImage, column: number): string {
  const start = image.offsets[column]!;
  return start < 0 ? String(start) : image.bytes.toString('hex', start, valueEnd(image, column));
}

function show(value: string | null | undefined): string {
  return value === null || value === undefined ? String(value) : JSON.stringify(value.slice(0, 120));
}
