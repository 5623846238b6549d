// Keeps docs/architecture.md true: which room may import which, and which package may be imported where.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;

/** A room may import rooms of the rows above its own, and itself. */
const ROWS: readonly (readonly string[])[] = [
  ['reconcile-error'],
  ['binlog'],
  ['server'],
  ['record'],
  ['plan'],
  ['policy'],
  ['window', 'diff', 'report'],
  ['replay'],
  ['requests'],
  ['session'],
  ['reconcile'],
  ['cli'],
];

/** Packages and the files that may import them. */
const PACKAGES: Record<string, RegExp> = {
  mysql2: /^src\/server\//,
  '@vlasky/zongji': /^src\/binlog\/(live-source|zongji-tap)\.ts$/,
  commander: /^src\/cli\//,
  yaml: /^src\/policy\/parse-policy\.ts$/,
  chalk: /^src\/(cli|report)\//,
};

const files = globSync('src/**/*.ts', { cwd: ROOT }).sort();

function imports(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)/gms)].map(
    (m) => (m[1] ?? m[2])!,
  );
}

function room(file: string): string {
  return relative('src', file).split('/')[0]!.replace(/\.ts$/, '');
}

function row(name: string): number {
  return ROWS.findIndex((names) => names.includes(name));
}

describe('the import rule', () => {
  test('finds the source', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.map(room).filter((name) => row(name) < 0)).toEqual([]);
  });

  test('imports go one way between the rooms', () => {
    const against = files.flatMap((file) =>
      imports(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(file), name)))
        .filter((target) => room(target) !== room(file) && row(room(target)) >= row(room(file)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(against).toEqual([]);
  });

  test('no files import each other in a circle', () => {
    const targets = new Map(
      files.map((file) => [
        file,
        imports(file)
          .filter((name) => name.startsWith('.'))
          .map((name) => normalize(join(dirname(file), name))),
      ]),
    );
    const reachable = (from: string, seen = new Set<string>()): Set<string> => {
      for (const target of targets.get(from) ?? []) {
        if (seen.has(target)) continue;
        seen.add(target);
        reachable(target, seen);
      }
      return seen;
    };
    expect(files.filter((file) => reachable(file).has(file))).toEqual([]);
  });

  test('each package is imported in its own place only', () => {
    const against = files.flatMap((file) =>
      imports(file)
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !PACKAGES[name]?.test(file))
        .map((name) => `${file} imports ${name}`),
    );
    expect(against).toEqual([]);
  });

  test('src/diff asks no server and no file system by itself', () => {
    const against = files
      .filter((file) => room(file) === 'diff')
      .flatMap((file) =>
        imports(file).filter((name) =>
          /^node:(fs|net|child_process)|server\/(connection|row-reader)/.test(name),
        ),
      );
    expect(against).toEqual([]);
  });

  test('only src/cli prints or exits', () => {
    const against = files.filter(
      (file) =>
        room(file) !== 'cli' &&
        /\bconsole\.|process\.(exit|stdout|stderr)\b/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(against).toEqual([]);
  });

  test('each file opens by saying what it owns', () => {
    expect(files.filter((file) => !readFileSync(join(ROOT, file), 'utf8').startsWith('// '))).toEqual([]);
  });
});
