// Has a server from Debian's packages, unpacked into the project's cache folder. Never installs a package, and
// never needs root: apt-get works on lists and a status file in a folder of ours, and dpkg-deb only unpacks.
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOnce } from './build-once.ts';
import { debianMirror } from './debian-mirror.ts';
import { type Installation, toolNames } from './installation.ts';
import { onPath, runProgram } from './run-program.ts';
import type { Flavor } from './sandbox-server.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const CACHE = join(import.meta.dirname, '../../.cache/sandbox');

interface Release {
  suite: string;
  packages: string[];
}

// dash and coreutils make a container image out of the same tree: .ci/engine.
const MYSQL = ['mysql-server-core', 'mysql-client-core', 'mysql-client', 'dash', 'coreutils'];
const MARIADB = ['mariadb-server-core', 'mariadb-client', 'dash', 'coreutils'];
const RELEASES: Record<Flavor, Record<string, Release>> = {
  mysql: { '9.7': { suite: 'sid', packages: MYSQL } },
  mariadb: {
    '11.8': { suite: 'trixie', packages: MARIADB },
    '10.11': { suite: 'bookworm', packages: MARIADB },
    '10.5': {
      suite: 'bullseye',
      packages: ['mariadb-server-core-10.5', 'mariadb-client-10.5', 'dash', 'coreutils'],
    },
  },
};

const MACHINES: Partial<Record<NodeJS.Architecture, { triplet: string; loader: string }>> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** Why Debian's packages can't be had here; undefined if nothing is in the way. */
export function debianObstacle(): string | undefined {
  if (process.platform !== 'linux' || !MACHINES[process.arch])
    return `${process.platform} on ${process.arch}`;
  const missing = ['apt-get', 'dpkg-deb', 'tar'].filter((program) => !onPath(program));
  if (missing.length > 0) return `no ${missing.join(', no ')}`;
  if (!existsSync(KEYRING)) return `no ${KEYRING}`;
  return debianMirror() ? undefined : 'no Debian mirror in the apt sources';
}

export async function debianPackages(flavor: Flavor, version: string): Promise<Installation> {
  const { release, cache, root } = await unpackedTree(flavor, version);
  return unpackedInstallation(flavor, `${flavor} ${version} of Debian ${release.suite}`, cache, root);
}

/** The folder with the unpacked packages, which is a file system that a container could run too. */
export async function unpackedTree(flavor: Flavor, version: string) {
  const release = RELEASES[flavor][version];
  if (!release) {
    const have = Object.keys(RELEASES[flavor]).join(' and ');
    throw new Error(`Debian has no ${flavor} ${version} for the sandbox: it has ${have}.`);
  }
  const cache = join(CACHE, `${flavor}-${version}`);
  const root = await buildOnce(join(cache, 'root'), (unfinished) => unpack(release, unfinished));
  return { release, cache, root };
}

/** Other packages of a suite with all that they need, unpacked in the same way: a program and the words that run it. */
export async function unpackedProgram(name: string, suite: string, packages: string[], program: string) {
  const root = await buildOnce(join(CACHE, name, 'root'), (unfinished) =>
    unpack({ suite, packages }, unfinished),
  );
  const { triplet, loader } = MACHINES[process.arch]!;
  const libraries = [join(root, 'usr/lib', triplet)];
  return {
    root,
    triplet,
    words: [
      join(root, 'usr/lib', triplet, loader),
      '--library-path',
      libraries.join(':'),
      join(root, program),
    ],
  };
}

async function unpack(release: Release, root: string): Promise<void> {
  const folder = `${root}/apt`;
  const under = (path: string) => join(folder, path);
  for (const path of ['state', 'lists/partial', 'cache/archives/partial'])
    await mkdir(under(path), { recursive: true });
  await writeFile(under('status'), '');
  await writeFile(
    under('sources.list'),
    `deb [signed-by=${KEYRING}] ${debianMirror()} ${release.suite} main\n`,
  );
  const options = [
    `Dir::Etc::sourcelist=${under('sources.list')}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State=${under('state')}`,
    `Dir::State::Lists=${under('lists')}`,
    `Dir::State::status=${under('status')}`,
    `Dir::Cache=${under('cache')}`,
    'APT::Install-Recommends=false',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
  await runProgram(['apt-get', ...options, 'update']);
  await runProgram(['apt-get', ...options, '-y', '--download-only', 'install', ...release.packages]);

  // Older packages have files in /lib, newer ones in /usr/lib. One tree for both, as on an installed system.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  const archives = under('cache/archives');
  for (const name of (await readdir(archives)).filter((file) => file.endsWith('.deb'))) {
    await runProgram(['sh', '-c', UNPACK_ONE, 'sh', join(archives, name), root]);
  }
  await runProgram(['rm', '-r', folder, join(root, 'usr/share/doc'), join(root, 'usr/share/man')]);
}

const UNPACK_ONE = 'dpkg-deb --fsys-tarfile "$1" | tar -x --no-same-owner --keep-directory-symlink -C "$2"';

function unpackedInstallation(flavor: Flavor, title: string, cache: string, root: string): Installation {
  const { triplet, loader } = MACHINES[process.arch]!;
  const libraries = [join(root, 'usr/lib', triplet), join(root, 'usr/lib/mysql/private')];
  // The tree's own loader and libraries: this machine's libc may be older than the one that the server was built for.
  const run = (program: string) => [
    join(root, 'usr/lib', triplet, loader),
    '--library-path',
    libraries.join(':'),
    program,
  ];
  const first = (...paths: string[]) =>
    paths.map((path) => join(root, path)).find((path) => existsSync(path));
  const share = first('usr/share/mariadb', 'usr/share/mysql') ?? join(root, 'usr/share');
  const plugins = first('usr/lib/mysql/plugin');
  return {
    kind: 'debian',
    flavor,
    title,
    cache,
    systemTables: flavor === 'mariadb' ? share : undefined,
    server: [
      ...run(first('usr/sbin/mariadbd', 'usr/sbin/mysqld') ?? join(root, 'usr/sbin/mysqld')),
      '--no-defaults',
      `--basedir=${join(root, 'usr')}`,
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${join(share, 'charsets')}`,
      ...(plugins ? [`--plugin-dir=${plugins}`] : []),
    ],
    async tool(name) {
      const program = first(...toolNames(flavor, name).map((file) => `usr/bin/${file}`));
      return program ? run(program) : undefined;
    },
  };
}
