// Windows at the edges of a log: empty ones, cut ones, wrong coordinates. The same live and from files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailoverPair, type PairOptions } from './failover-pair.ts';

const MODES: [string, PairOptions][] = [
  ['MySQL', { flavor: 'mysql' }],
  ['MariaDB', { flavor: 'mariadb' }],
];

describe.each(MODES)('%s', (_, options) => {
  let pair: FailoverPair;
  beforeAll(async () => {
    pair = await FailoverPair.start(options);
    await pair.begin('CREATE DATABASE w; CREATE TABLE w.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB');
  });
  afterAll(() => pair?.remove());

  test('a failed primary that wrote nothing: converged', async () => {
    for (const binlog of [false, true]) {
      const { header } = await pair.diff({ binlog });
      expect(header.window).toMatchObject({ transactions: 0, changes: 0, bytes: 0 });
      expect(header.window.end).toEqual(header.window.start);
      expect(header.account.closes).toBe(true);
      expect(header.failed).toMatchObject({ serverId: 2, flavor: options.flavor });
    }
  });

  test('reading to a time leaves what came later out, and says that the account closes there', async () => {
    await pair.failed.query(
      `SET GLOBAL ${options.flavor === 'mysql' ? 'super_' : ''}read_only=0; SET GLOBAL read_only=0`,
    );
    await pair.onFailed('INSERT INTO w.t VALUES (1,1)');
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const between = (Date.now() - 1000) * 1000;
    await pair.onFailed('INSERT INTO w.t VALUES (2,2)');
    for (const binlog of [false, true]) {
      expect((await pair.diff({ binlog })).header.transactions.missing).toBe(2);
      const { header } = await pair.diff({ binlog, stopDatetime: between });
      expect(header.transactions.missing).toBe(1);
      expect(header.account.closes).toBe(true);
    }
  });

  test('a stop inside a transaction is refused, one behind it is not', async () => {
    const whole = await pair.diff();
    const { file, position } = whole.header.window.end;
    for (const binlog of [false, true]) {
      await expect(pair.diff({ binlog, stopPosition: `${file}:${position - 31}` })).rejects.toThrow(
        /is in the middle of a transaction/,
      );
      const { header } = await pair.diff({ binlog, stopPosition: `${file}:${position}` });
      expect(header.account.closes).toBe(true);
      expect(header.transactions).toEqual(whole.header.transactions);
    }
  });

  test('a log that goes on in a file that was not given is refused, unless left out on purpose', async () => {
    await pair.failed.query('FLUSH BINARY LOGS');
    const folder = await pair.failed.binlogDirectory();
    const { header } = await pair.diff();
    const { file } = header.window.start;
    const next = file.replace(/\d+$/, (number) => String(Number(number) + 1).padStart(number.length, '0'));
    await expect(pair.diff({ files: [join(folder, file)] })).rejects.toMatchObject({
      code: 'purged',
      message: `${file} ends by going on in ${next}, which is not among the files`,
    });
    const { position } = header.window.end;
    const cut = await pair.diff({ files: [join(folder, file)], stopPosition: `${file}:${position}` });
    expect(cut.header.transactions).toEqual(header.transactions);
    expect(cut.header.account.closes).toBe(true);
  });

  test('coordinates inside an event are refused, never taken for a torn tail', async () => {
    const { header } = await pair.diff();
    const { file, position } = header.window.start;
    for (const binlog of [false, true]) {
      for (const off of [1, 30, 90]) {
        await expect(
          pair.diff({ binlog, startPosition: `${file}:${position + off}` }),
          `${position}+${off}`,
        ).rejects.toMatchObject({
          code: 'input',
        });
      }
    }
  });

  test('an empty copy of the file that the window begins in is no converged window', async () => {
    const { header } = await pair.diff();
    const { file } = header.window.start;
    const copy = join(pair.folder, 'copy');
    mkdirSync(copy, { recursive: true });
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(65_536)]) {
      writeFileSync(join(copy, file), bytes);
      const asked = [{}, { startPosition: `${file}:4` }, { withoutRecord: true }];
      for (const more of options.flavor === 'mysql' ? asked : asked.slice(0, 2)) {
        await expect(pair.diff({ files: [copy], ...more })).rejects.toMatchObject({ code: 'input' });
      }
    }
  });

  test('the same window gives the same plan, byte for byte, live and from files, before and after a restart', async () => {
    const { readFileSync } = await import('node:fs');
    await pair.diff();
    const live = readFileSync(pair.plan);
    await pair.diff({ binlog: true });
    expect(readFileSync(pair.plan).equals(live)).toBe(true);
    await pair.failed.kill();
    await pair.diff({ binlog: true, fenced: true });
    expect(readFileSync(pair.plan).equals(live)).toBe(true);
    await pair.failed.restart([options.flavor === 'mysql' ? '--super-read-only=ON' : '--read-only=ON']);
    await pair.diff();
    expect(readFileSync(pair.plan).equals(live)).toBe(true);
    await pair.failed.stop();
    await pair.diff({ binlog: true, fenced: true });
    expect(readFileSync(pair.plan).equals(live)).toBe(true);
  });
});
