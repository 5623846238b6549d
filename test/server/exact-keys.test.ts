// Look-ups by keys of the types that servers compare in ways of their own: each row is found by its canonical key, by an
// index, and is shown to people as its server shows it.
import { afterAll, describe, expect, it } from 'vitest';
import { displayValue } from '../../src/plan/display-value.ts';
import { canonicalRows } from '../../src/server/canonical-row.ts';
import { readCatalogue, type TableDefinition } from '../../src/server/catalogue.ts';
import type { Server } from '../../src/server/connection.ts';
import { selectByKeys } from '../../src/server/key-look-up.ts';
import { RowReader } from '../../src/server/row-reader.ts';
import type { RowSet } from '../../src/server/row-set.ts';
import { sendBatch } from '../../src/server/statement-batch.ts';
import { servers } from '../binlog/reading.ts';
import { type Random, seeded } from '../binlog/value-columns.ts';
import { connectRestored } from '../connect-restored.ts';
import { startServer, stopAll } from '../sandbox/index.ts';

const ROWS = 600;

afterAll(stopAll);

describe.each(servers)('$name', ({ flavor, version, args }) => {
  it('finds every row by its key', async () => {
    const sandbox = await startServer({
      name: `keys-${version}`,
      flavor,
      version,
      serverId: 61,
      args: [...args],
    });
    const server = await connectRestored(sandbox);
    try {
      for (const { type, literal } of keyTypes(flavor)) {
        const random = seeded(type.length);
        await sandbox.query(`DROP TABLE IF EXISTS keyed.t`);
        await sandbox.query('CREATE DATABASE IF NOT EXISTS keyed');
        await sandbox.query(`CREATE TABLE keyed.t (k ${type} PRIMARY KEY, n INT)`);
        const literals = Array.from({ length: ROWS }, (_, i) => `(${literal(random)}, ${i})`);
        await sandbox.query(`INSERT IGNORE INTO keyed.t VALUES ${literals.join(', ')}`);
        const definition = (await readCatalogue(server, [{ schema: 'keyed', table: 't' }])).get('keyed.t')!;
        const reader = new RowReader(server);
        // Its own values, as the reader itself reads them.
        const all = await everyRow(server, definition);
        const keys = all.map(([key]) => [key!]);
        const lookUp = { definition, columns: [0], keys, index: 'PRIMARY' };
        const found: (string | null)[][] = [];
        await reader.rows([lookUp], (_, rows) => {
          found.push(...rows);
        });
        expect(keys.length, type).toBeGreaterThan(ROWS / 4);
        expect(sorted(found), type).toEqual(sorted(all));

        const few = selectByKeys({ ...lookUp, keys: keys.slice(0, 3) });
        const format = flavor === 'mysql' ? 'FORMAT=TRADITIONAL ' : '';
        const [plan] = await sandbox.query(`EXPLAIN ${format}${few}`);
        expect([type, plan!.type]).toEqual([type, 'range']);

        const column = definition.columns[0]!;
        if (!TEXT_TYPES.has(column.dataType)) continue;
        const texts = await sandbox.query('SELECT n, k FROM keyed.t ORDER BY n');
        const shown = all.map(([key, n]) => [Number(n), displayValue(column, key!)]);
        expect(shown.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(
          texts.map(({ n, k }) => [Number(n), String(k)]),
        );
      }
    } finally {
      await server.close();
    }
  });
});

/** Those whose text the server and we write in the same way. */
const TEXT_TYPES = new Set(['uuid', 'inet4', 'inet6']);

function keyTypes(flavor: 'mysql' | 'mariadb'): { type: string; literal: (random: Random) => string }[] {
  const real = (random: Random): string =>
    random() < 0.1
      ? ['0e0', '1e-45', '3.4028234e38', '16777217e0', '0.1e0', '1e-38'][Math.floor(random() * 6)]!
      : `${(random() - 0.5) * 2}e${Math.floor(random() * 76) - 38}`;
  const types = [
    { type: 'FLOAT', literal: real },
    { type: 'DOUBLE', literal: real },
    // Rounded as it is stored: -0.01 becomes -0.010000000000000009, and is shown as -0.01.
    {
      type: 'DOUBLE(10,2)',
      literal: (random: Random) => `${(random() - 0.5) * 10 ** Math.floor(random() * 9)}`,
    },
    // Of all bits the server makes a negative number, where it compares.
    { type: `SET(${labels(64)})`, literal: (random: Random) => someBits(random) },
    { type: 'BIT(64)', literal: (random: Random) => someBits(random) },
    { type: 'FLOAT UNSIGNED', literal: (random: Random) => real(random).replace('-', '') },
    { type: 'DECIMAL(65,30)', literal: (random: Random) => `${random() * 10 ** Math.floor(random() * 30)}` },
    { type: 'BINARY(8)', literal: (random: Random) => `X'${someBytes(random, 8)}'` },
  ];
  if (flavor === 'mysql') return types;
  return [
    ...types,
    { type: 'UUID', literal: someUuid },
    { type: 'INET4', literal: (random: Random) => `X'${someBytes(random, 4)}'` },
    { type: 'INET6', literal: (random: Random) => `X'${someBytes(random, 16)}'` },
  ];
}

function labels(count: number): string {
  return Array.from({ length: count }, (_, i) => `'l${i}'`).join(',');
}

/** A number of 64 bits. */
function someBits(random: Random): string {
  const half = (): bigint => BigInt(Math.floor(random() * 2 ** 32));
  if (random() < 0.1)
    return String([0n, 1n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 64n - 1n][Math.floor(random() * 5)]!);
  return String((half() << 32n) | half());
}

/** Of versions 1 to 7: some others MariaDB 10.11 and 11.8 themselves read back as another UUID than was written. */
function someUuid(random: Random): string {
  if (random() < 0.05) return random() < 0.5 ? `X'${'00'.repeat(16)}'` : `X'${'ff'.repeat(16)}'`;
  const hex = someBytes(random, 16);
  const [version, variant] = ['1234567', '89ab'].map((of) => of[Math.floor(random() * of.length)]!);
  return `X'${hex.slice(0, 12)}${version}${hex.slice(13, 16)}${variant}${hex.slice(17)}'`;
}

/** Runs of zeros and of ones, as addresses have them. */
function someBytes(random: Random, count: number): string {
  const zeros = Math.floor(random() * count);
  return Array.from({ length: count }, (_, i) => {
    if (i >= zeros && i < zeros + count / 2) return '00';
    return random() < 0.3
      ? ['00', 'ff'][Math.floor(random() * 2)]!
      : Math.floor(random() * 256)
          .toString(16)
          .padStart(2, '0');
  }).join('');
}

async function everyRow(server: Server, definition: TableDefinition): Promise<(string | null)[][]> {
  const whole = selectByKeys({ definition, columns: [1], keys: [['0']], index: undefined });
  const connection = await server.open();
  const { answers } = await sendBatch(connection, [whole.replace(/ WHERE .*/, '')]);
  return canonicalRows(definition, answers[0] as RowSet);
}

function sorted(rows: readonly (string | null)[][]): string[] {
  return rows.map((row) => row.join(' = ')).sort();
}
