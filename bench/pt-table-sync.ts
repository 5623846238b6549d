// pt-table-sync of Debian's percona-toolkit (3.2.1), unpacked beside the sandbox's servers: the words that run it. Never
// installs it.
import { join } from 'node:path';
import { debianObstacle, unpackedProgram } from '../test/sandbox/debian-packages.ts';
import type { SandboxServer } from '../test/sandbox/index.ts';

export interface Peer {
  words: string[];
  env: Record<string, string>;
}

/** What would make `schema.orders` the same as `source.orders`; null where Debian's packages can't be had. */
export async function tableSync(server: SandboxServer, source: string, schema: string): Promise<Peer | null> {
  if (debianObstacle() !== undefined) return null;
  const packages = ['percona-toolkit'];
  const { root, triplet, words } = await unpackedProgram(
    'percona-toolkit',
    'bookworm',
    packages,
    'usr/bin/perl',
  );
  const libraries = [
    `lib/${triplet}/perl-base`,
    `lib/${triplet}/perl/5.36`,
    'share/perl/5.36',
    `lib/${triplet}/perl5/5.36`,
    'share/perl5',
  ];
  const { host, port, user, password } = server;
  return {
    words: [
      ...words,
      join(root, 'usr/bin/pt-table-sync'),
      ...['--print', '--no-check-slave', '--no-check-triggers'],
      `h=${host},P=${port},u=${user},D=${source},t=orders`,
      `D=${schema},t=orders`,
    ],
    env: {
      MYSQL_PWD: password,
      PERL5LIB: libraries.map((path) => join(root, 'usr', path)).join(':'),
      MARIADB_PLUGIN_DIR: join(root, 'usr/lib', triplet, 'libmariadb3/plugin'),
    },
  };
}
