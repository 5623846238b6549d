import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { debianMirror } from './debian-mirror.ts';

const made: string[] = [];
afterEach(() => Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true }))));

async function aptFolder(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'apt-'));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

test('the mirror is read out of one-line sources', async () => {
  const folder = await aptFolder({
    'sources.list': `# deb http://commented.example bookworm main
deb-src http://source.example/debian bookworm main
deb [arch=amd64 signed-by=/a/b.gpg] http://mirror.example/debian bookworm main contrib # ours
deb http://mirror.example/security bookworm-security main`,
  });
  expect(debianMirror(folder)).toBe('http://mirror.example/debian');
});

test('the mirror is read out of deb822 sources', async () => {
  const folder = await aptFolder({
    'sources.list.d/debian.sources': `Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: trixie
Components: main

# The one in use
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: trixie
# a remark
 trixie-updates
Components: main
`,
  });
  expect(debianMirror(folder)).toBe('http://mirror.example/debian');
});

test("another vendor's repository with suites of the same names is not taken for Debian", async () => {
  const folder = await aptFolder({
    'sources.list.d/a-vendor.list': 'deb http://vendor.example/tool bookworm main',
    'sources.list.d/debian.sources':
      'Types: deb\nURIs: http://mirror.example/d\nSuites: bookworm bookworm-updates\nComponents: main\n',
  });
  expect(debianMirror(folder)).toBe('http://mirror.example/d');
});

test('a machine of another distribution has none', async () => {
  expect(
    debianMirror(await aptFolder({ 'sources.list': 'deb http://mirror.example/u noble main' })),
  ).toBeUndefined();
  expect(debianMirror(await aptFolder({}))).toBeUndefined();
});
