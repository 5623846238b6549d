// The options that every sandbox server gets, whatever runs it. `loose` where not every version knows the option.
import type { ServerOptions } from './sandbox-server.ts';

export function defaultArgs({ flavor, serverId }: ServerOptions): string[] {
  return [
    `--server-id=${serverId}`,
    '--log-bin=binlog',
    '--loose-binlog-format=ROW',
    '--sync-binlog=1',
    '--skip-name-resolve',
    '--secure-file-priv=',
    ...(flavor === 'mariadb' ? ['--log-slave-updates=ON'] : ['--loose-mysqlx=OFF', '--log-slave-updates=ON']),
  ];
}
