// What binlog_row_value_options=PARTIAL_JSON logs as differences comes out as the values that the server then held, and
// a second server that applies them as row events holds the same.
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSource } from '../../src/binlog/file-source.ts';
import { documentBytes, type JsonPart, openPart, storedPart } from '../../src/binlog/json-part.ts';
import { formatDescriptionEvent, rowEvents } from '../../src/binlog/row-event-writer.ts';
import { valueEnd } from '../../src/binlog/row-image.ts';
import type { Change, RowImage, Transaction } from '../../src/binlog/transaction.ts';
import { type SandboxServer, startServer, stopAll } from '../sandbox/index.ts';
import { largeDocument, randomChange, randomDocument } from './random-json.ts';
import { type Coordinates, connectTo, endOf, transactionsOf, valuesOf } from './reading.ts';
import { type Random, seeded } from './value-columns.ts';

const UPDATES = Number(process.env.PARTIAL_JSON_UPDATES ?? 1500);
const SEED = Number(process.env.PARTIAL_JSON_SEED ?? 20261120);
const ROWS = 24;
/** One row in so many has a document of more than 64 KB. */
const LARGE_EVERY = 8;
const JSON_COLUMNS = [1, 3, 4];
const CREATE =
  'CREATE DATABASE j; CREATE TABLE j.t (id INT PRIMARY KEY, a JSON, n INT NOT NULL DEFAULT 0, b JSON, big JSON, bits BIT(9) NOT NULL DEFAULT 5)';
const columns = [3, 245, 3, 245, 245].map((type) => ({ type, meta: 4, unsigned: false, binary: false }));

let failed: SandboxServer;
let restored: SandboxServer;
let connection: Connection;

beforeAll(async () => {
  [failed, restored] = (await Promise.all(
    ['partial-b', 'partial-a'].map((name, i) =>
      startServer({
        name,
        flavor: 'mysql',
        serverId: 61 + i,
        args: ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--max-allowed-packet=64M'],
      }),
    ),
  )) as [SandboxServer, SandboxServer];
  connection = await connect(failed);
});
afterAll(stopAll);

/** Rows as arrays of the bytes that the server sent. */
async function connect(server: SandboxServer): Promise<Connection> {
  const made = await connectTo(server, {
    rowsAsArray: true,
    typeCast: (field: { buffer(): Buffer | null }) => field.buffer(),
  });
  await made.query(CREATE);
  await made.query("USE j; SET NAMES utf8mb4; SET sql_mode = ''");
  return made;
}

async function logged(from: Coordinates): Promise<Transaction[]> {
  const stop = await endOf(failed);
  const source = await openFileSource({
    paths: [await failed.binlogDirectory()],
    start: { kind: 'position', ...from },
    stop,
  });
  const { transactions, account } = await transactionsOf(source);
  expect(account.closes()).toBe(true);
  return transactions;
}

describe('documents', () => {
  it('stores what it opened as the server stores it, to the byte', async () => {
    const random = seeded(SEED);
    const from = await endOf(failed);
    for (let i = 0; i < 300; i++) {
      const document = i % 10 === 0 ? largeDocument(random) : randomDocument(random, 1 + (i % 5));
      await connection.query(`INSERT INTO t (id, a) VALUES (${1000 + i}, ${document})`);
    }
    const documents = (await logged(from)).flatMap(({ changes }) =>
      changes.map(({ after }) => jsonBytes(after!, 1)!),
    );
    expect(documents.length).toBe(300);
    expect(documents.filter((bytes) => bytes.length > 70_000).length).toBe(30);
    for (const bytes of documents) expect(storedAnew(bytes).equals(bytes)).toBe(true);
    await connection.query('DELETE FROM t');
  });
});

describe('diffs', () => {
  let transactions: Transaction[];
  const held: Map<number, Buffer[]>[] = [];

  beforeAll(async () => {
    const random = seeded(SEED + 1);
    const from = await endOf(failed);
    for (let id = 0; id < ROWS; id++) {
      const [a, b] = [randomDocument(random, 4), randomDocument(random, 3)];
      await connection.query(
        `INSERT INTO t (id, a, b, big) VALUES (${id}, ${a}, ${b}, ${fresh(random, 'big', id)})`,
      );
    }
    await connection.query('SET binlog_row_value_options = PARTIAL_JSON, character_set_results = NULL');
    for (let i = 0; i < UPDATES; i++) await oneUpdate(random, i);
    transactions = (await logged(from)).slice(ROWS);
  });

  /** One statement, of one row or of several, and what the table then holds. */
  async function oneUpdate(random: Random, i: number): Promise<void> {
    const id = Math.floor(random() * ROWS);
    const sets = [`n = ${i + 1}`];
    for (const column of ['a', 'b', 'big']) {
      const r = random();
      if (r < 0.5) sets.push(`${column} = ${randomChange(random, column)}`);
      else if (r < 0.52) sets.push(`${column} = NULL`);
      else if (r < 0.58) sets.push(`${column} = IFNULL(${column}, ${fresh(random, column, id)})`);
    }
    const rows = random() < 0.05 ? `IN (${id}, ${(id + 7) % ROWS}, ${(id + 9) % ROWS})` : `= ${id}`;
    const where = `WHERE id ${rows}`;
    const [results] = await connection.query(
      `UPDATE IGNORE t SET ${sets.join(', ')} ${where}; SELECT id, a, n, b, big FROM t ${where}`,
    );
    held.push(
      new Map((results as unknown as [object, Buffer[][]])[1].map((row) => [Number(String(row[0])), row])),
    );
  }

  it('were logged: far fewer bytes than the values have', () => {
    const images = transactions.flatMap(({ changes }) => changes.map(({ after }) => after!.bytes.length));
    const inImages = images.reduce((sum, length) => sum + length, 0);
    const inLog = transactions.reduce((sum, { bytes }) => sum + bytes, 0);
    // The before images stand in the log whole.
    expect(inLog).toBeLessThan(1.3 * inImages);
  });

  it('become the values that the server held', () => {
    expect(transactions.flatMap(({ undecoded }) => undecoded)).toEqual([]);
    expect(transactions.length).toBe(UPDATES);
    transactions.forEach(({ changes }, i) => {
      expect(changes.length).toBe(held[i]!.size);
      for (const { after } of changes) {
        const values = valuesOf(after!, columns);
        const wanted = held[i]!.get(Number(values[0]))!;
        expect(values).toEqual(wanted.map((value) => value?.toString('latin1') ?? null));
      }
    });
  });

  it('leave each row as the next change found it, types and all', () => {
    const last = new Map<string, RowImage>();
    let compared = 0;
    for (const { changes } of transactions) {
      for (const { before, after } of changes) {
        const id = valuesOf(before!, columns)[0]!;
        const known = last.get(id);
        if (known) {
          for (const column of JSON_COLUMNS) {
            compared += 1;
            expect(typed(known, column)).toBe(typed(before!, column));
          }
        }
        last.set(id, after!);
      }
    }
    expect(compared).toBeGreaterThan(UPDATES);
  });

  it('replay on a second server to the same rows', async () => {
    const target = await connect(restored);
    await target.query(`BINLOG '${formatDescriptionEvent('mysql', restored.version).toString('base64')}'`);
    await target.query("SET gtid_next = 'AUTOMATIC', character_set_results = NULL");
    const first = new Map<string, Change>();
    for (const { changes } of transactions)
      for (const change of changes) {
        const id = valuesOf(change.before!, columns)[0]!;
        if (!first.has(id)) first.set(id, change);
      }
    const inserts = [...first.values()].map(
      ({ table, before, place }): Change => ({
        kind: 'insert',
        table,
        before: null,
        after: before,
        flags: 0,
        place,
      }),
    );
    await target.query(binlog(inserts));
    for (const { changes } of transactions) await target.query(binlog(changes));
    const all = 'SELECT *, HEX(bits) FROM t ORDER BY id';
    const [wanted] = await connection.query(all);
    const [found] = await target.query(all);
    expect((wanted as unknown[]).length).toBe(ROWS);
    expect((found as unknown[]).length).toBe(first.size);
    const ids = new Set([...first.keys()]);
    const touched = (wanted as unknown as Buffer[][]).filter(([id]) => ids.has(String(id)));
    expect(found).toEqual(touched);
    target.destroy();
  });
});

describe('images of some columns', () => {
  const few = async (image: string): Promise<Transaction[]> => {
    await connection.query(
      "SET binlog_row_value_options = PARTIAL_JSON; REPLACE INTO t (id, a) VALUES (500, JSON_ARRAY(1, REPEAT('x', 100)))",
    );
    const from = await endOf(failed);
    await connection.query(
      `SET binlog_row_image = ${image}; UPDATE t SET a = JSON_SET(a, '$[0]', 7) WHERE id = 500; UPDATE t SET n = 3 WHERE id = 500; UPDATE t SET a = '[8]' WHERE id = 500; SET binlog_row_image = FULL`,
    );
    return logged(from);
  };
  const afterOf = ({ undecoded, changes }: Transaction): (string | null | undefined)[] => {
    expect(undecoded).toEqual([]);
    expect(changes.length).toBe(1);
    return valuesOf(changes[0]!.after!, columns);
  };

  it('MINIMAL: a difference to a value that is not in the log is loud, all else is read', async () => {
    const [diff, plain, whole] = await few('MINIMAL');
    expect(diff!.changes).toEqual([]);
    expect(diff!.undecoded).toEqual([
      {
        reason: 'partial-json',
        detail: expect.stringMatching(/^updates of j\.t .*binlog_row_image is not FULL.*column number 2$/),
        file: diff!.start.file,
        position: expect.any(Number),
      },
    ]);
    expect(afterOf(plain!)[2]).toBe('3');
    expect(afterOf(whole!)[1]).toBe('[8]');
  });

  it('NOBLOB: the server logs the value before it changes it', async () => {
    const [diff, plain, whole] = await few('NOBLOB');
    expect(afterOf(diff!)[1]).toBe(`[7, "${'x'.repeat(100)}"]`);
    expect(afterOf(plain!)[2]).toBe('3');
    expect(afterOf(whole!)[1]).toBe('[8]');
  });
});

function fresh(random: Random, column: string, id: number): string {
  return column === 'big' && id % LARGE_EVERY === 0 ? largeDocument(random) : randomDocument(random, 3);
}

function binlog(changes: readonly Change[]): string {
  const events = rowEvents({
    flavor: 'mysql',
    table: changes[0]!.table,
    tableId: 1,
    changes,
    maxBytes: 8 * 1024 * 1024,
  });
  return `BINLOG '${Buffer.concat(events).toString('base64')}'`;
}

function jsonBytes(image: RowImage, column: number): Buffer | null {
  const from = image.offsets[column]!;
  return from < 0 ? null : image.bytes.subarray(from + 4, valueEnd(image, column));
}

/** Equal for documents that are equal in every type and value, whatever gaps updates in place have left in them. */
function typed(image: RowImage, column: number): string {
  const bytes = jsonBytes(image, column);
  return bytes === null ? 'NULL' : storedAnew(bytes).toString('latin1');
}

/** Every container opened and stored again. */
function storedAnew(document: Buffer): Buffer {
  return documentBytes(openAll(storedPart(document)));
}

function openAll(part: JsonPart): JsonPart {
  const open = openPart(part);
  return open === null ? part : { ...open, values: open.values.map(openAll) };
}
