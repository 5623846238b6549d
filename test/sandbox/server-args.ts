// The options that every sandbox server gets, whatever runs it. `loose` where not every version knows the option.
import type { ServerOptions } from './sandbox-server.ts';

export function defaultArgs({ serverId }: ServerOptions): string[] {
  return [
    `--server-id=${serverId}`,
    '--log-bin=binlog',
    '--relay-log=relay',
    '--log-slave-updates=ON',
    '--loose-binlog-format=ROW',
    '--sync-binlog=1',
    '--skip-name-resolve',
    '--secure-file-priv=',
    '--loose-mysqlx=OFF',
  ];
}

/** The path of the binlog files without their numbers, relative to the data directory, as the options say. */
export function binlogBase(args: string[]): string {
  return args.findLast((arg) => arg.startsWith('--log-bin='))!.slice('--log-bin='.length);
}
