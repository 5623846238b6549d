// AUTO_INCREMENT counters of the replayed tables stay past the replayed ids, by either engine, also after a restart.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb', version: '11.8' }],
];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;

  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  test.each(['row-events', 'sql'] as const)(
    '%s: inserted, deleted and inserted ids are not given out again',
    async (engine) => {
      const t = `auto_${engine.replace('-', '_')}`;
      await pair.begin(
        `CREATE DATABASE ${t};
       CREATE TABLE ${t}.kept (id INT AUTO_INCREMENT PRIMARY KEY, v INT) ENGINE=InnoDB;
       CREATE TABLE ${t}.gone (id INT AUTO_INCREMENT PRIMARY KEY, v INT) ENGINE=InnoDB;
       INSERT INTO ${t}.kept (v) VALUES (1); INSERT INTO ${t}.gone (v) VALUES (1)`,
      );
      await pair.onFailed(
        `INSERT INTO ${t}.kept VALUES (500, 1); INSERT INTO ${t}.gone VALUES (700, 1)`,
        `DELETE FROM ${t}.gone WHERE id=700`,
      );
      await pair.diff();
      expect((await pair.replay({ apply: true, engine })).applied).toHaveLength(2);
      const next = async (table: string): Promise<unknown> => {
        await pair.restored.query(`INSERT INTO ${t}.${table} (v) VALUES (2)`);
        const [row] = await pair.restored.query(`SELECT MAX(id) AS id FROM ${t}.${table} WHERE v=2`);
        return row!.id;
      };
      // A counter that is only in memory is lost with the server.
      await pair.restored.restart();
      expect(await next('kept')).toBe(501);
      expect(await next('gone')).toBe(701);
    },
  );
});
