// The parts of the command line that need no process: durations, times, exit codes, both streams.
import { describe, expect, test } from 'vitest';
import { forcedChecks, outputOptions } from '../../src/cli/common-options.ts';
import { parseDateTime, parseDuration } from '../../src/cli/duration.ts';
import { errorExitCode, replayExitCode, verifyExitCode } from '../../src/cli/exit-code.ts';
import { logRequest } from '../../src/cli/log-options.ts';
import { createOutput } from '../../src/cli/output.ts';
import type { OutputOptions } from '../../src/cli/output-options.ts';
import { parseThrottle } from '../../src/cli/throttle-options.ts';
import { ReconcileError } from '../../src/reconcile-error.ts';

test.each([
  ['10m', 600_000],
  ['5s', 5000],
  ['500ms', 500],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['2d', 172_800_000],
  ['0', 0],
])('duration %s', (text, milliseconds) => {
  expect(parseDuration(text, '--cool-off')).toBe(milliseconds);
});

test.each(['', '10', '5 s', '-5s', 's', '10x', '5sm'])('%j is no duration', (text) => {
  expect(() => parseDuration(text, '--cool-off')).toThrow(/--cool-off: ".*" is no duration/);
});

describe('the throttle', () => {
  const off = { maxLag: 'off', maxLoad: 'off', maxShare: 'off', maxRate: 'off' };

  test('is read from its options', () => {
    expect(parseThrottle(off)).toEqual({ maxLag: null, maxLoad: null, maxShare: null, maxRate: null });
    expect(parseThrottle({ maxLag: '5s', maxLoad: '50', maxShare: '10%', maxRate: '0.5' })).toEqual({
      maxLag: 5000,
      maxLoad: 50,
      maxShare: 0.1,
      maxRate: 0.5,
    });
    expect(parseThrottle({ ...off, maxLag: '0', maxShare: '100' })).toMatchObject({
      maxLag: 0,
      maxShare: null,
    });
  });

  test.each([
    ['maxLag', '5', /--max-lag: "5" is no duration/],
    ['maxLoad', 'many', /--max-load: "many" is no number above 0/],
    ['maxShare', '0', /--max-share: "0" is no number above 0 up to 100/],
    ['maxShare', '101', /--max-share: "101" is no number above 0 up to 100/],
    ['maxRate', '-1', /--max-rate: "-1" is no number above 0/],
  ])('%s %s is refused', (name, text, says) => {
    expect(() => parseThrottle({ ...off, [name]: text })).toThrow(says);
  });
});

test.each([
  ['2026-11-20 10:00:00', '2026-11-20T10:00:00Z', 0],
  ['2026-11-20T10:00', '2026-11-20T10:00:00Z', 0],
  ['2026-11-20 10:00:00.123456', '2026-11-20T10:00:00Z', 123456],
  ['2026-11-20 10:00:00.1Z', '2026-11-20T10:00:00Z', 100000],
  ['2026-11-20T10:00:00+02:00', '2026-11-20T08:00:00Z', 0],
])('time %s', (text, same, micros) => {
  expect(parseDateTime(text, '--stop-datetime')).toBe(Date.parse(same) * 1000 + micros);
});

test.each(['', '2026-02-30 10:00:00', '2026-13-01 10:00', '10:00', '2026-11-20', 'now'])(
  '%j is no time',
  (text) => {
    expect(() => parseDateTime(text, '--stop-datetime')).toThrow(/is no date and time/);
  },
);

test('exit codes', () => {
  expect(
    ['refused', 'interrupted', 'usage', 'internal'].map((code) => errorExitCode(code as 'usage')),
  ).toEqual([4, 130, 1, 1]);
  const outcome = { apply: true, applied: ['a'], held: 0, conflicts: [], verified: null };
  expect(replayExitCode(outcome)).toBe(0);
  expect(replayExitCode({ ...outcome, apply: false })).toBe(2);
  expect(replayExitCode({ ...outcome, apply: false, applied: [] })).toBe(0);
  expect(replayExitCode({ ...outcome, held: 1 })).toBe(3);
  const transactions = { replayed: 2, notReplayed: 0 };
  expect(verifyExitCode({ wrong: 0, transactions }, true)).toBe(0);
  expect(verifyExitCode({ wrong: 1, transactions }, true)).toBe(3);
  expect(verifyExitCode({ wrong: 0, transactions }, false)).toBe(3);
  expect(verifyExitCode({ wrong: 0, transactions: { replayed: 1, notReplayed: 1 } }, true)).toBe(2);
});

test('all faults of the log options together', () => {
  const options = {
    startPosition: 'binlog.7',
    stopPosition: ':4',
    startGtidSet: 'x',
    failed: 'db2',
    binlog: ['b'],
    tables: ['a.b', 'c'],
    stopDatetime: 'soon',
  };
  try {
    logRequest(options);
    expect.unreachable();
  } catch (error) {
    expect((error as Error).message).toMatchInlineSnapshot(`
      "--start-position: "binlog.7" is not FILE:POSITION
      --stop-position: ":4" is not FILE:POSITION
      --start-position and --start-gtid-set both say where to begin: give one
      --failed and --binlog both say what to read: give one
      --tables: "c" is not DATABASE.TABLE
      --stop-datetime: "soon" is no date and time"
    `);
  }
  expect(logRequest({ tables: ['a.b.c'], stopDatetime: '1970-01-01 00:00:01' })).toMatchObject({
    binlog: [],
    tables: ['a.b.c'],
    ignoreTables: [],
    stopDatetime: 1_000_000,
  });
});

test('--force takes the names of checks only', () => {
  expect([...forcedChecks({ force: ['unfenced', 'swapped'] })]).toEqual(['unfenced', 'swapped']);
  expect(() => forcedChecks({ force: ['unfenced', 'all'] })).toThrow('--force: unknown check all');
});

test('colour is for terminals, and NO_COLOR is heard', () => {
  const color = (environment: object, isTTY: boolean, given = true) =>
    outputOptions({ color: given, progress: true }, environment as Record<string, string>, { isTTY }).color;
  expect([color({}, true), color({}, false), color({ NO_COLOR: '1' }, true), color({}, true, false)]).toEqual(
    [true, false, false, false],
  );
});

describe('two streams', () => {
  const plain: OutputOptions = {
    json: false,
    quiet: false,
    verbose: false,
    color: false,
    progress: true,
    debug: false,
  };
  const capture = (options: Partial<OutputOptions>, isTTY = false) => {
    const written = { stdout: '', stderr: '' };
    const stream = (name: 'stdout' | 'stderr') => ({
      isTTY,
      columns: 40,
      write: (text: string) => (written[name] += text),
    });
    return { written, output: createOutput({ ...plain, ...options }, stream('stdout'), stream('stderr')) };
  };
  const error = new ReconcileError('refused', 'no \x1b[31mway\x07', {
    hint: 'Go\non.',
    check: 'unfenced',
    cause: Object.assign(new Error('deeper'), { code: 'E1', cause: new Error('deepest') }),
  });

  test('for people: the report on stdout, the rest on stderr, escaped', () => {
    const { written, output } = capture({ verbose: true });
    output.text('the report\n');
    output.document({ never: 'seen' });
    output.note('by the way');
    output.warn('watch\u202e out');
    output.error(error);
    expect(written.stdout).toBe('the report\n');
    expect(written.stderr).toMatchInlineSnapshot(`
      "by the way
      warning: watch\\u202e out
      reconcile: no \\x1b[31mway\\x07
      Go
      on.
        caused by: deeper (E1)
        caused by: deepest
      "
    `);
  });

  test('for programs: one document on stdout, whatever the values hold', () => {
    const { written, output } = capture({ json: true });
    const document = { version: 1, value: 'a\x1b[2J\x9b\u202e\n"' };
    output.text('the report');
    output.document(document);
    expect(JSON.parse(written.stdout)).toEqual(document);
    expect(written.stdout).not.toMatch(/[\x1b\x9b\u202e]/);
    expect(written.stderr).toBe('the report\n');
  });

  test('an error is a document, too', () => {
    const { written, output } = capture({ json: true });
    output.error(error);
    expect(JSON.parse(written.stdout)).toEqual({
      version: 1,
      error: { code: 'refused', message: error.message, hint: 'Go\non.', check: 'unfenced' },
    });
  });

  test('rows: JSON lines; with --json part of the one document, also where it ends in an error', () => {
    const lines = capture({});
    lines.output.row({ a: 1 });
    lines.output.row({ a: 2 });
    expect(lines.written.stdout).toBe('{"a":1}\n{"a":2}\n');
    const one = capture({ json: true });
    one.output.row({ a: 1 });
    one.output.row({ a: 2 });
    one.output.document({ version: 1 });
    expect(JSON.parse(one.written.stdout)).toEqual({ rows: [{ a: 1 }, { a: 2 }], version: 1 });
    const failed = capture({ json: true });
    failed.output.row({ a: 1 });
    failed.output.error(error);
    expect(JSON.parse(failed.written.stdout)).toMatchObject({ rows: [{ a: 1 }], error: { code: 'refused' } });
  });

  test('--quiet leaves results, warnings and errors', () => {
    const { written, output } = capture({ quiet: true }, true);
    output.progress.step('working');
    output.progress.count('rows', 1, 2);
    output.note('by the way');
    output.warn('careful');
    output.text('result');
    expect(written).toEqual({ stdout: 'result\n', stderr: 'warning: careful\n' });
  });

  test('progress: one line that is taken away again, on a terminal only', () => {
    const terminal = capture({}, true);
    terminal.output.progress.step('reading a very long name of something that does not fit');
    terminal.output.note('done');
    expect(terminal.written.stderr).toBe('\r\x1b[2Kreading a very long name of something …\r\x1b[2Kdone\n');
    const pipe = capture({});
    pipe.output.progress.step('reading');
    pipe.output.progress.count('rows', 1);
    expect(pipe.written.stderr).toBe('');
  });
});
