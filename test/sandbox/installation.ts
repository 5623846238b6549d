// Says how to run the programs of one installed server. Never runs them.
import type { Flavor } from './sandbox-server.ts';

export interface Installation {
  kind: 'local' | 'debian';
  flavor: Flavor;
  /** Names what is installed, for messages: 'MySQL 9.7.4 of Debian sid'. */
  title: string;
  /** Runs the server with options that say where its own files are. '--no-defaults' is the first. */
  server: string[];
  /** Runs a client program such as 'mysqlbinlog'; undefined where it isn't installed. */
  tool(name: string): Promise<string[] | undefined>;
  /** Where the SQL of MariaDB's system tables is. */
  systemTables: string | undefined;
  /** An initialised data directory is kept here. */
  cache: string;
}

/** MariaDB calls its client programs by names of its own, and newer packages leave the old ones out. */
export function toolNames(flavor: Flavor, name: string): string[] {
  const own: Record<string, string> = {
    mysql: 'mariadb',
    mysqlbinlog: 'mariadb-binlog',
    mysqldump: 'mariadb-dump',
    mysqladmin: 'mariadb-admin',
  };
  return flavor === 'mariadb' && own[name] ? [own[name], name] : [name];
}
