// The throttle by a clock of the test's own: what holds a transaction back, for how long, and what is said meanwhile.
import { expect, test } from 'vitest';
import { LogAges } from '../../src/replay/log-ages.ts';
import { NO_THROTTLE, type Readings, Throttle, type ThrottleLimits } from '../../src/replay/throttle.ts';

/** Time passes only where something sleeps; `then` is called with the time after each sleep. */
function throttled(limits: Partial<ThrottleLimits>, workers = 1, then: (at: number) => void = () => {}) {
  let at = 0;
  const said: string[] = [];
  const warned: string[] = [];
  const throttle = new Throttle({ ...NO_THROTTLE, ...limits }, workers, {
    now: () => at,
    async sleep(milliseconds) {
      at += milliseconds;
      if (at > 10_000_000) throw new Error('it never ends');
      then(at);
    },
    waiting: (why) => void said.push(why ?? 'goes on'),
    warn: (text) => void warned.push(text),
  });
  return { throttle, said, warned, now: () => at };
}

const readings = (customers: number, lagMs = 0): Readings => ({
  lag: { milliseconds: lagMs, replica: 'replica db3:3306' },
  customers,
});
const going = new AbortController().signal;

test('without limits nothing is held back, whatever is seen', async () => {
  const { throttle, now } = throttled({});
  throttle.update(readings(1000, 1e9));
  await throttle.admit(going);
  await throttle.rest(100, going);
  expect([now(), throttle.waited]).toEqual([0, 0]);
});

test('it waits for a lagging replica as long as it takes, says why each second, and warns a script now and then', async () => {
  const { throttle, said, warned, now } = throttled({ maxLag: 5000 }, 1, (at) => {
    if (at >= 150_000) throttle.update(readings(0, 4999));
  });
  throttle.update(readings(0, 5000));
  await throttle.admit(going);
  expect(now()).toBe(0);
  throttle.update(readings(0, 12_400));
  await throttle.admit(going);
  expect(now()).toBe(150_000);
  expect(throttle.waited).toBe(150_000);
  expect(said[0]).toBe('waiting 0 s: replica db3:3306 is 12 s behind (--max-lag 5s)');
  expect(said.at(-1)).toBe('goes on');
  expect(said.length).toBeLessThanOrEqual(152);
  expect(warned).toEqual([
    'the replay has been waiting for 10 s: replica db3:3306 is 12 s behind (--max-lag 5s)',
    'the replay has been waiting for 70 s: replica db3:3306 is 12 s behind (--max-lag 5s)',
    'the replay has been waiting for 130 s: replica db3:3306 is 12 s behind (--max-lag 5s)',
  ]);
});

test('it waits while customers are many', async () => {
  const { throttle, said, now } = throttled({ maxLoad: 50 }, 1, (at) => {
    if (at >= 3000) throttle.update(readings(50));
  });
  throttle.update(readings(50.1));
  await throttle.admit(going);
  expect(now()).toBe(3000);
  expect(said[0]).toBe('waiting 0 s: 50 sessions of others are running (--max-load 50)');
});

test('the rate is kept by all workers together, and what was not used is not saved up', async () => {
  const { throttle, now } = throttled({ maxRate: 10 });
  const at: number[] = [];
  for (let i = 0; i < 4; i++) {
    await throttle.admit(going);
    at.push(now());
  }
  expect(at).toEqual([0, 100, 200, 300]);
  const late = throttled({ maxRate: 0.5 });
  await Promise.all([late.throttle.admit(going), late.throttle.admit(going)]);
  expect(late.now()).toBe(2000);
});

test('a worker rests so long that customers keep their share', async () => {
  const { throttle, now } = throttled({ maxShare: 0.2 }, 4);
  // 8 of theirs beside 2 of ours: a fifth. 2 of 4 workers: each rests as long as it worked.
  throttle.update(readings(8));
  await throttle.rest(10, going);
  expect(now()).toBeCloseTo(10);
  // Nobody there: at full speed.
  throttle.update(readings(0.1));
  await throttle.rest(10, going);
  expect(now()).toBeCloseTo(10);
  // So many that ours are few beside them.
  throttle.update(readings(100));
  await throttle.rest(10, going);
  expect(now()).toBeCloseTo(10);
});

test('one customer slows it down to a quarter of one worker, and no further; no rest is longer than two seconds', async () => {
  const { throttle, now } = throttled({ maxShare: 0.01 });
  throttle.update(readings(0.5));
  await throttle.rest(10, going);
  expect(now()).toBeCloseTo(30);
  await throttle.rest(60_000, going);
  expect(now()).toBeCloseTo(2030);
});

test('a fault of the target ends the waiting, and nothing begins behind it', async () => {
  const { throttle } = throttled({ maxLag: 5000 }, 1, (at) => {
    if (at >= 1000) throttle.fail(new Error('read-only by now'));
  });
  throttle.update(readings(0, 9000));
  await expect(throttle.admit(going)).rejects.toThrow('read-only by now');
  throttle.update(readings(0, 0));
  await expect(throttle.admit(going)).rejects.toThrow('read-only by now');
});

test('an interrupt ends the waiting', async () => {
  const controller = new AbortController();
  const { throttle } = throttled({ maxLag: 5000 }, 1, (at) => {
    if (at >= 1000) controller.abort();
  });
  throttle.update(readings(0, 9000));
  await expect(throttle.admit(controller.signal)).rejects.toMatchObject({ code: 'interrupted' });
});

test('the lag is the age of the oldest place in the log that a replica lacks', () => {
  const ages = new LogAges();
  const place = (position: number, file = 'binlog.000009') => ({ file, position });
  ages.note(place(5000), 0);
  ages.note(place(5000), 700);
  ages.note(place(6000), 1000);
  expect(ages.lag(place(4000), 3000)).toBe(3000);
  expect(ages.isPastFirst(place(4000))).toBe(false);
  expect(ages.lag(place(5500), 3000)).toBe(2000);
  expect(ages.isPastFirst(place(5500))).toBe(true);
  expect(ages.lag(place(6000), 3000)).toBe(0);
  expect(ages.lag(place(158, 'binlog.000010'), 3000)).toBe(0);
  // A new file; its number is a number.
  ages.note(place(300, 'binlog.000010'), 4000);
  expect(ages.lag(place(6000), 4500)).toBe(500);
  expect(ages.lag(place(300, 'binlog.000010'), 4500)).toBe(0);
  expect(ages.lag(place(4, 'binlog.1000000'), 4500)).toBe(0);
});

test('what all replicas have is forgotten, what one lacks is not', () => {
  const ages = new LogAges();
  const place = (position: number) => ({ file: 'binlog.000009', position });
  for (let i = 1; i <= 5; i++) ages.note(place(i * 2000), i);
  ages.forget([place(10_000), place(5000)]);
  expect(ages.lag(place(4500), 100)).toBe(97);
  ages.forget([place(10_000)]);
  expect(ages.lag(place(9000), 100)).toBe(95);
});
