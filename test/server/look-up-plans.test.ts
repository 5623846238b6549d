// Every shape of look-up reads by an index, on every server and however many rows there are: never a scan.
import { afterAll, describe, expect, test } from 'vitest';
import { readCatalogue } from '../../src/server/catalogue.ts';
import { selectByLiterals } from '../../src/server/expression-keys.ts';
import { type KeyLookUp, keysALookUp, selectByKeys } from '../../src/server/key-look-up.ts';
import { servers } from '../binlog/reading.ts';
import { connectRestored } from '../connect-restored.ts';
import { startServer, stopAll } from '../sandbox/index.ts';

afterAll(stopAll);

const SCHEMA = `
  CREATE TABLE parent (a INT, b VARCHAR(20) CHARACTER SET utf8mb4, code VARCHAR(20) CHARACTER SET latin1, x INT, y BIGINT UNSIGNED, n INT,
    PRIMARY KEY (a, b), UNIQUE KEY code (code), UNIQUE KEY xy (x, y), KEY n (n));
  CREATE TABLE child (id INT PRIMARY KEY, pa INT, pb VARCHAR(20) CHARACTER SET utf8mb4, pn INT, note TEXT,
    CONSTRAINT fk FOREIGN KEY (pa, pb) REFERENCES parent (a, b));
  CREATE TABLE line (pa INT, pb VARCHAR(20) CHARACTER SET utf8mb4, number INT, PRIMARY KEY (pa, pb, number),
    CONSTRAINT fk2 FOREIGN KEY (pa, pb) REFERENCES parent (a, b));
  CREATE TABLE one (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES one (id));
  CREATE TABLE pair (id INT PRIMARY KEY, code INT, parity INT, UNIQUE KEY code (code))`;

/** Defaults of a server that make scans of look-ups: our sessions have their own. */
const DEFAULTS = {
  mysql: { eq_range_index_dive_limit: 10, optimizer_switch: 'use_invisible_indexes=off' },
  mariadb: { eq_range_index_dive_limit: 10, in_predicate_conversion_threshold: 10 },
};
/** MySQL only: an index that no other session's statements may use. */
const HIDE =
  'ALTER TABLE pair ALTER INDEX code INVISIBLE; ALTER TABLE child ALTER INDEX fk INVISIBLE; ALTER TABLE pair ADD UNIQUE KEY twice (parity, (code * 2))';

/** Entries of an index that are read as fast as one key is searched for, at most. */
const CHEAPER = 50;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each(servers)('$name', ({ flavor, version, args }) => {
  // As many rows as keys: there a scan looks cheapest.
  test.each([500, 60_000])('with %i rows', async (rows) => {
    const sandbox = await startServer({
      name: `plans-${version}`,
      flavor,
      version,
      serverId: 62,
      args: [
        ...args,
        ...Object.entries(DEFAULTS[flavor]).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`),
      ],
    });
    await sandbox.query(`CREATE DATABASE plans; USE plans; SET foreign_key_checks=0; ${SCHEMA}`);
    const mysql = flavor === 'mysql';
    if (mysql) await sandbox.query(`USE plans; ${HIDE}`);
    for (let from = 0; from < rows; from += 5000) {
      const some = numbers(Math.min(5000, rows - from)).map((i) => i + from);
      const into = (table: string, row: (i: number) => string): Promise<unknown> =>
        sandbox.query(`INSERT INTO plans.${table} VALUES ${some.map(row).join(', ')}`);
      await into('parent', (i) => `(${i}, 'k${i}', 'c${i}', ${i}, ${i}, ${i % 10})`);
      await into('child', (i) => `(${i}, ${i}, 'k${i}', ${i}, 'x')`);
      await into('line', (i) => `(${i}, 'k${i}', 1)`);
      await into('one', (i) => `(${i}, NULL)`);
      await into('pair', (i) => `(${i}, NULL, ${i % 2})`);
    }
    await sandbox.query('ANALYZE TABLE plans.parent, plans.child, plans.line, plans.one, plans.pair');
    const server = await connectRestored(sandbox);
    try {
      const names = ['parent', 'child', 'line', 'one', 'pair'].map((table) => ({ schema: 'plans', table }));
      const catalogue = await readCatalogue(server, names);
      const lookUp = (
        table: string,
        names: string[],
        key: (i: number) => string[],
        index?: string,
      ): KeyLookUp => {
        const definition = catalogue.get(`plans.${table}`)!;
        const columns = names.map((name) => definition.columns.findIndex((column) => column.name === name));
        const most = keysALookUp(definition, columns);
        const keys = numbers(most).map((i) => key(i * Math.floor(rows / most)));
        return { definition, columns, keys, index };
      };
      const shapes: [string, KeyLookUp][] = [
        ['PRIMARY', lookUp('one', ['id'], (i) => [String(i)], 'PRIMARY')],
        ['PRIMARY', lookUp('parent', ['a', 'b'], (i) => [String(i), `k${i}`], 'PRIMARY')],
        ['code', lookUp('parent', ['code'], (i) => [`c${i}`], 'code')],
        ['xy', lookUp('parent', ['x', 'y'], (i) => [String(i), String(i)], 'xy')],
        ['code', lookUp('pair', ['code'], (i) => [String(i)], 'code')],
        ['fk', lookUp('child', ['pa', 'pb'], (i) => [String(i), `k${i}`])],
        ['PRIMARY', lookUp('line', ['pa', 'pb'], (i) => [String(i), `k${i}`])],
        ['parent', lookUp('one', ['parent'], (i) => [String(i)])],
        // Some of thousands that share the value.
        ['n', { ...lookUp('parent', ['n'], (i) => [String(i % 10)]), most: 3 }],
      ];
      const format = mysql ? 'FORMAT=TRADITIONAL ' : '';
      // The driver can't read a MariaDB's EXPLAIN, and the sandbox's client has no session like ours.
      const session = await Promise.all(
        Object.keys(DEFAULTS[flavor]).map(async (name) => {
          const [row] = await server.query(`SELECT @@SESSION.${name} AS value`);
          const value = row!.value!;
          return `SET SESSION ${name}=${/^\d+$/.test(value) ? value : `'${value}'`}`;
        }),
      );
      const explain = (select: string) =>
        sandbox.query([...session, `EXPLAIN ${format}${select}`].join('; '));
      for (const [index, shape] of shapes) {
        for (const lock of ['', ' FOR UPDATE', ' LOCK IN SHARE MODE']) {
          for (const keys of [...(shape.most ? [] : [shape.keys]), shape.keys.slice(0, 1)]) {
            const plan = await explain(`${selectByKeys({ ...shape, keys })}${lock}`);
            const name = `${shape.definition.table} by ${index}, ${keys.length} keys${lock}`;
            const [{ key, type, rows: read, Extra: extra }] = plan as [Record<string, unknown>];
            // No row at all under its one key: the server has looked already.
            if (keys.length === 1 && key === null && /no matching row|impossible where/i.test(String(extra)))
              continue;
            // A table that has hardly more rows than are asked for is read whole.
            if (type === 'index' || type === 'ALL')
              expect(Number(read), name).toBeLessThanOrEqual(keys.length * CHEAPER);
            else
              expect([plan.length, key, ['range', 'ref', 'const'].includes(String(type))], name).toEqual([
                1,
                index,
                true,
              ]);
          }
        }
      }
      const pair = catalogue.get('plans.pair')!;
      for (const key of pair.uniqueKeys.filter(({ functional }) => functional)) {
        const plan = await explain(selectByLiterals(key, pair, '1', ['14', '1']));
        const [{ key: used, type, Extra: extra }] = plan as [Record<string, unknown>];
        expect([key.name, used ?? key.name, type ?? extra]).toEqual([
          'twice',
          'twice',
          expect.stringMatching(/^(const|ref|range)$|no matching row/i),
        ]);
      }
      expect(pair.uniqueKeys.filter(({ functional }) => functional)).toHaveLength(mysql ? 1 : 0);
    } finally {
      await server.close();
      await sandbox.remove();
    }
  });
});
