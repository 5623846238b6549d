// What the plan warns of beside its states: keys that can't be looked up, triggers, events. On real servers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from '../failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql', args: ['--event-scheduler=ON', '--restrict-fk-on-non-standard-key=OFF'] }],
  ['MariaDB', { flavor: 'mariadb', version: '11.8', args: ['--event-scheduler=ON'] }],
];

describe.each(MODES)('%s', (name, options) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
  });
  afterAll(() => pair?.remove());

  test('names the table, the key, the trigger, the event', async () => {
    const ignored = name === 'MySQL' ? '' : 'ALTER TABLE w.parent ALTER INDEX area IGNORED; ';
    const functional = name === 'MySQL' ? ', UNIQUE KEY hex_weight ((HEX(weight)))' : '';
    await pair.begin(
      `CREATE DATABASE w; CREATE TABLE w.t (id INT PRIMARY KEY, code VARCHAR(40), weight FLOAT(7,3), UNIQUE KEY weighs (weight)${functional});
       CREATE TABLE w.parent (id INT PRIMARY KEY, area INT, KEY (area));
       CREATE TABLE w.child (id INT PRIMARY KEY, area INT, CONSTRAINT to_area FOREIGN KEY (area) REFERENCES w.parent (area));
       ${ignored}CREATE TABLE w.quiet (id INT PRIMARY KEY); INSERT INTO w.parent VALUES (1,7);
       CREATE TRIGGER w.watch BEFORE INSERT ON w.t FOR EACH ROW SET NEW.code = UPPER(NEW.code);
       CREATE EVENT w.nightly ON SCHEDULE EVERY 1 DAY STARTS '2100-01-01' DO DELETE FROM w.t;
       CREATE EVENT w.off ON SCHEDULE EVERY 1 DAY STARTS '2100-01-01' DISABLE DO DELETE FROM w.t`,
    );
    await pair.onFailed(
      "INSERT INTO w.t VALUES (1,'a',1)",
      'INSERT INTO w.child VALUES (1,7)',
      'INSERT INTO w.quiet VALUES (1)',
    );
    const { header } = await pair.diff();
    const said = header.warnings;
    expect(
      said.filter((one) => /^Unique key weighs of w\.t is over float\(7,3\) values/.test(one)),
    ).toHaveLength(1);
    expect(
      said.filter((one) =>
        /^w\.t has triggers .*\(watch\): a replay of row events does not fire them/.test(one),
      ),
    ).toHaveLength(1);
    expect(
      said.filter((one) =>
        /^Foreign key to_area of w\.child refers to w\.parent \(area\), where no statement may use an index over/.test(
          one,
        ),
      ),
    ).toHaveLength(ignored ? 1 : 0);
    expect(
      said.filter((one) => /scheduler of the restored primary is on, and runs w\.nightly:/.test(one)),
    ).toHaveLength(1);
    expect(
      said.filter((one) =>
        /^Unique key hex_weight of w\.t is over an expression \(weight is float\(7,3\)\)/.test(one),
      ),
    ).toHaveLength(name === 'MySQL' ? 1 : 0);
    expect(said.join('\n')).not.toMatch(/quiet|w\.off/);
    expect((await pair.replay({ apply: true })).applied).toHaveLength(3);
  });
});
