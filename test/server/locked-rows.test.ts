// A look-up that locks takes the rows that it names, also of a table that the server still takes for empty.
import { afterAll, describe, expect, test } from 'vitest';
import { readCatalogue } from '../../src/server/catalogue.ts';
import { inPieces, keysToLock, selectByKeys } from '../../src/server/key-look-up.ts';
import { connectRestored } from '../connect-restored.ts';
import { startServer, stopAll } from '../sandbox/index.ts';

afterAll(stopAll);

describe('MySQL', () => {
  test.each([
    ['all columns are in the primary key', 'link', ['a', 'b'], 'PRIMARY'],
    ['the others are in the primary key', 'named', ['name'], 'name'],
    ['there are others', 'wide', ['a', 'b'], 'PRIMARY'],
  ])('%s', async (_, table, names, index) => {
    const sandbox = await startServer({ name: 'locked-rows', flavor: 'mysql', serverId: 71 });
    await sandbox.query(`DROP DATABASE IF EXISTS locked; CREATE DATABASE locked; USE locked;
      CREATE TABLE link (a INT, b INT, PRIMARY KEY (a, b)) STATS_AUTO_RECALC=0;
      CREATE TABLE named (id INT PRIMARY KEY, name INT, UNIQUE KEY name (name)) STATS_AUTO_RECALC=0;
      CREATE TABLE wide (a INT, b INT, c INT, PRIMARY KEY (a, b)) STATS_AUTO_RECALC=0;
      ANALYZE TABLE link, named, wide`);
    const rows = Array.from({ length: 3000 }, (_, i) => i);
    await sandbox.query(`INSERT INTO locked.link VALUES ${rows.map((i) => `(${i},${i})`).join()};
      INSERT INTO locked.named SELECT a, b FROM locked.link; INSERT INTO locked.wide SELECT a, b, 0 FROM locked.link;
      UPDATE mysql.innodb_table_stats SET n_rows=0 WHERE database_name='locked';
      FLUSH TABLES locked.link, locked.named, locked.wide`);
    const server = await connectRestored(sandbox);
    try {
      const definition = (await readCatalogue(server, [{ schema: 'locked', table }])).get(`locked.${table}`)!;
      const columns = names.map((name) => definition.columns.findIndex((column) => column.name === name));
      const keys = [7, 1500, 2900].map((i) => names.map(() => String(i)));
      await server.query('START TRANSACTION');
      let found = 0;
      for (const piece of inPieces({ definition, columns, keys, index }, keysToLock(definition, columns)))
        found += (await server.query(`${selectByKeys(piece)} FOR UPDATE`)).length;
      const [row] = await server.query(
        `SELECT COUNT(*) AS locks FROM performance_schema.data_locks WHERE LOCK_TYPE='RECORD' AND OBJECT_NAME='${table}'`,
      );
      await server.query('ROLLBACK');
      expect(found).toBe(3);
      // Of a secondary key: its entry, the one behind it, and the row.
      expect(Number(row!.locks)).toBeLessThanOrEqual(9);
    } finally {
      await server.close();
    }
  });
});
