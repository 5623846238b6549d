// The command line from outside, without any server: help, mistakes, the gate before old versions of Node.js.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/main.ts';
import { aRecord } from '../record/a-record.ts';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'command-line-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a stdout that takes nothing, or slowly', () => {
  const entry = fileURLToPath(new URL('cli-entry.ts', import.meta.url));

  // A report cut short on a full disk passed for a whole one: exit code 0, and no word.
  test.skipIf(!existsSync('/dev/full'))('a full disk is an error', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [entry, '--help'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /^reconcile: the output is not whole: ENOSPC: no space left on device, write\nWhat the command did is done/,
      ),
    });
  });

  // What a pipe holds was all that came through: the process ended a quarter of a second after its work.
  test('a slow reader gets all of it', () => {
    const long = 'x'.repeat(100_000);
    const { stdout } = spawnSync(
      '/bin/sh',
      ['-c', '"$0" "$1" diff "$2" --json 2>/dev/null | (sleep 1; cat)', process.execPath, entry, long],
      { encoding: 'utf8' },
    );
    expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.stringContaining(long) } });
  });

  test('a reader that has gone away is none', async () => {
    const child = spawn(process.execPath, [entry, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('help', () => {
  test('every command says whether it writes, and has an example', () => {
    for (const command of buildProgram().commands) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      expect.soft(help, command.name()).toMatch(/writes?|written/i);
      expect.soft(help, command.name()).toMatch(/Examples?:\n {2}/);
      expect
        .soft(Math.max(...help.split('\n').map((line) => line.length)), command.name())
        .toBeLessThanOrEqual(80);
    }
  });

  test('only the commands that take ./failover.json by themselves say so', () => {
    const saying = buildProgram()
      .commands.filter((command) =>
        command.helpInformation().replace(/\s+/g, ' ').includes('./failover.json where'),
      )
      .map((command) => command.name());
    // `inspect` begins where the log begins.
    expect(saying).toEqual(['diff', 'replay', 'verify', 'undo', 'clean']);
  });

  test('--help and --version go to stdout and end with 0', async () => {
    const [help, version, ...more] = await Promise.all([
      runCli(['diff', '--help']),
      runCli(['--version']),
      runCli(['help', 'diff']),
      runCli(['--help']),
      runCli(['help']),
    ]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(more).toEqual([help, more[2], more[1]]);
    expect(more[1]).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: reconcile diff');
    expect(version).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

test('mistakes end with 1, a sentence and a way out', async () => {
  const lines = [
    ['dif'],
    ['nonsense'],
    ['help', 'dif'],
    ['--bogus'],
    ['diff', '--recrod', 'x'],
    ['verify', 'a', 'b'],
    ['record', '--old'],
    ['record'],
    ['inspect'],
    [],
    ['diff', '--force', 'all'],
    ['record', '--old', 'a', '--new', 'b', '--cool-off', 'soon'],
    ['report', '--format', 'pdf'],
    ['replay', 'p', '--restored', 'http://db1'],
  ];
  const results = await Promise.all(lines.map((words) => runCli(words, { cwd: folder })));
  expect(results.map(({ code, stdout }) => `${code}${stdout}`)).toEqual(lines.map(() => '1'));
  expect(
    results.map(({ stderr }, i) => `> ${lines[i]!.join(' ')}\n${stderr}`).join(''),
  ).toMatchInlineSnapshot(`
    "> dif
    reconcile: unknown command "dif"
    Did you mean diff?
    > nonsense
    reconcile: unknown command "nonsense"
    The commands are: record, diff, inspect, report, replay, verify, undo, clean.
    > help dif
    reconcile: unknown command "dif"
    Did you mean diff?
    > --bogus
    reconcile: unknown option '--bogus'
    See reconcile --help.
    > diff --recrod x
    reconcile: unknown option '--recrod'
    Did you mean --record? See reconcile diff --help.
    > verify a b
    reconcile: too many arguments for 'verify'. Expected 1 argument but got 2: a, b.
    See reconcile verify --help.
    > record --old
    reconcile: option '--old <server>' argument missing
    See reconcile record --help.
    > record
    reconcile: which server is the old primary?
    Name it: --old mysql://user@host:3306.
    > inspect
    reconcile: what is to be read?
    Name binlog files or their directory, --binlog PATH, or the server, --failed mysql://user@host:3306.
    > 
    reconcile: there is no failover record ./failover.json
    Name it with --record FILE; or begin without one: reconcile diff --help. Next time: reconcile record --help.
    > diff --force all
    reconcile: --force: unknown check all
    The checks are:
      unfenced             the failed primary still takes writes
      swapped              failed and restored primary are the wrong way round
      not-recorded         a server is not the one in the failover record
      same-server          both names lead to one server
      restored-read-only   the restored primary is read-only
      restored-replicates  the restored primary is a replica
      plan-damaged         the plan, or undo file, is not what was written
      schema-changed       a table was altered since the plan was made
      cool-off             a failover of this cluster was recorded a short time ago
      written-since        the failed primary was written to since the plan was made
      journal-needed       a plan or an undo file may still need the journal
      other-cluster        the file holds another cluster's failover record
    > record --old a --new b --cool-off soon
    reconcile: --cool-off: "soon" is no duration
    Write a number and its unit: 500ms, 5s, 10m, 2h, 1d.
    > report --format pdf
    reconcile: --format: unknown format "pdf"
    One of text, json.
    > replay p --restored http://db1
    reconcile: --restored: "http://db1" is no mysql:// address
    Write host, host:port, [ipv6]:port, mysql://user@host:3306 or mysql:///?socket=/path.
    "
  `);
});

describe('a file that is not what it should be: the fact, the place, the way out', () => {
  const at = ['--restored', '127.0.0.1:1'];
  const pair = ['diff', '--failed', '127.0.0.1:1', ...at];
  const plan = 'Write one with `reconcile diff`, or name it.';
  const again = 'Write it again with `reconcile diff`; nothing was changed.';
  const undo = 'Name the file that `reconcile replay --apply` wrote.';
  const copy = 'Take a whole copy of it; nothing was changed.';
  const record =
    'Name it with --record FILE. Without one name the servers, and for a diff where to begin: --start-position FILE:POS or --start-gtid-set SET.';
  const edited = 'Was it edited or cut short? `reconcile record` writes it.';
  beforeAll(() => {
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'empty'), '');
    writeFileSync(join(folder, 'junk'), 'password=secret\n');
  });

  test.each([
    [['report', 'none'], "none: the plan can't be read: there is no such file", plan],
    [['replay', 'folder', ...at], "folder: the plan can't be read: it is a directory", plan],
    [['verify', 'empty', ...at], 'empty: the plan is damaged: it is empty', again],
    [['undo', 'none', ...at], "none: the undo file can't be read: there is no such file", undo],
    [['undo', 'folder', ...at], "folder: the undo file can't be read: it is a directory", undo],
    [['undo', 'empty', ...at], 'empty: the undo file is damaged: it is empty', copy],
    [['undo', 'junk', ...at], 'junk: the undo file is damaged: line 1 is not a line of a plan', copy],
    [['--record', 'none'], "failover record none can't be read: there is no such file", record],
    [['replay', '--record', 'folder'], "failover record folder can't be read: it is a directory", record],
    [['clean', '--record', 'empty'], 'failover record empty is empty', edited],
    [['inspect', '--record', 'junk'], 'failover record junk is no JSON', edited],
    [
      ['inspect', '--binlog', 'none'],
      "none can't be read: there is no such file",
      'Check the path given with --binlog (looked in .).',
    ],
    [
      [...pair, '--policy', 'none'],
      "none: the policy can't be read: there is no such file",
      'Name it with --policy FILE; docs/conflicts.md shows one.',
    ],
    [
      [...pair, '--ssl-ca', 'none'],
      "ssl-ca: none can't be read: there is no such file",
      'Name a PEM file with --ssl-ca, or in the option file.',
    ],
    [
      [...pair, '--ssl-ca', 'junk'],
      'ssl-ca: junk is not a PEM file',
      'Name a PEM file with --ssl-ca, or in the option file.',
    ],
    [
      [...pair, '--ssl-cert', 'junk'],
      'ssl-cert and ssl-key belong together, and one of them is missing',
      'Give both, --ssl-cert and --ssl-key, or neither.',
    ],
    [
      [...pair, '--ssl-mode', 'ON'],
      '--ssl-mode: unknown ssl-mode "ON"',
      'One of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY.',
    ],
    [
      [...pair, '--stop-datetime', 'yesterday', '--tables', 't'],
      '--tables: "t" is not DATABASE.TABLE\n--stop-datetime: "yesterday" is no date and time',
      'Write it in UTC, 2026-11-20 10:00:00, or with an offset, 2026-11-20T10:00:00+02:00.',
    ],
    [
      ['clean', ...at, '--journal', ''],
      "option '--journal <schema>' argument '' is invalid. It is the name of a schema.",
      'See reconcile clean --help.',
    ],
  ])('%j', async (words, fact, wayOut) => {
    const { code, stdout, stderr } = await runCli(words, { cwd: folder });
    expect([code, stdout, stderr]).toEqual([1, '', `reconcile: ${fact}\n${wayOut}\n`]);
  });
});

test('with --json, wherever it stands, a mistake is one document', async () => {
  for (const words of [
    ['--json', 'dif'],
    ['diff', '--json', '--nope'],
    ['--json', 'diff', '--force', 'all'],
  ]) {
    const { code, stdout } = await runCli(words, { cwd: folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, error: { code: 'usage' } });
  }
});

test('a policy with a fault is told with its place before anything is connected to or written', async () => {
  writeFileSync(join(folder, 'rules.yaml'), 'version: 1\ntabels: {}\ndefault: take-faild\n');
  const servers = ['--failed', '127.0.0.1:1', '--restored', '127.0.0.1:2'];
  const bad = await runCli(['diff', ...servers, '--policy', 'rules.yaml', '--plan', 'p.jsonl'], {
    cwd: folder,
  });
  expect(bad.code).toBe(1);
  expect(
    bad.stderr,
  ).toBe(`reconcile: rules.yaml:2:1: "tabels" is not known in the policy. Did you mean tables?
rules.yaml:3:10: "take-faild" is no rule here. Did you mean take-failed?
The policy file is described in docs/conflicts.md; nothing was read or written with this one.
`);
  expect(existsSync(join(folder, 'p.jsonl'))).toBe(false);
  const option = await runCli(['diff', ...servers, '--on-conflict', 'overwrite'], { cwd: folder });
  expect([option.code, option.stderr]).toEqual([
    1,
    `reconcile: option '--on-conflict <rule>' argument 'overwrite' is invalid. Allowed choices are hold, keep-restored, take-failed.
See reconcile diff --help.
`,
  ]);
});

describe('connections', () => {
  // Listens, and never says a word: like a frozen server.
  const silent = createServer(() => {});
  let port: number;
  beforeAll(async () => {
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    port = (silent.address() as { port: number }).port;
  });
  afterAll(() => silent.close());

  test("the record's addresses are used, and an unreachable one is said; never a stack trace", async () => {
    const record = aRecord();
    record.old.host = '127.0.0.1';
    record.old.port = 1;
    record.new.host = '127.0.0.1';
    record.new.port = 1;
    writeFileSync(join(folder, 'failover.json'), JSON.stringify(record));
    const { code, stderr } = await runCli(['-v'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/reconcile: (failed|restored) primary 127\.0\.0\.1:1: nothing listens there/);
    expect(stderr).toMatch(/caused by: .*ECONNREFUSED/);
    expect(stderr).not.toMatch(/\n\s+at /);
    rmSync(join(folder, 'failover.json'));
  });

  test('Ctrl-C while a server is silent: 130, at once', async () => {
    const server = `mysql://u:p@127.0.0.1:${port}`;
    let interrupted = 0;
    const { code, stderr } = await runCli(['record', '--old', server, '--new', server], {
      cwd: folder,
      interruptOn: once(silent, 'connection').then(() => {
        interrupted = performance.now();
      }),
    });
    expect(code).toBe(130);
    expect(stderr).toContain('reconcile: interrupted');
    // The silence itself ends it after ten seconds.
    expect(performance.now() - interrupted).toBeLessThan(8000);
  });
});

describe('bin/reconcile.js', () => {
  const source = fileURLToPath(new URL('../../bin/reconcile.js', import.meta.url));

  test('an old Node.js gets one line', () => {
    const pretend = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'12.22.1'}})`;
    const result = spawnSync(process.execPath, ['--import', pretend, source, 'diff'], { encoding: 'utf8' });
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toMatch(
      /^reconcile: Node\.js 12\.22\.1 is too old, 22\.15 or later is needed: .*\n$/,
    );
  });

  test('not built yet: one line', () => {
    mkdirSync(join(folder, 'bin'));
    cpSync(source, join(folder, 'bin/reconcile.js'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const result = spawnSync(process.execPath, [join(folder, 'bin/reconcile.js')], { encoding: 'utf8' });
    expect(result).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'reconcile: it is not built yet: run `npm run build` in its folder.\n',
    });
  });

  test('its syntax is what Node.js 12 can parse', () => {
    const code = execFileSync('cat', [source], { encoding: 'utf8' });
    expect(code).not.toMatch(/\?\.|\?\?|\bawait\b|^import\b|#\w+\s*=|\b\d+_\d/m);
  });
});
