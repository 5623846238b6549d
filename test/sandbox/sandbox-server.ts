// Says what a sandbox server is, to tests, demo and benchmarks. Holds types only; never starts anything.

export type Flavor = 'mysql' | 'mariadb';
export type SandboxKind = 'docker' | 'local' | 'debian';

export interface ServerOptions {
  /** 'a', 'b': used in messages and folder names. */
  name: string;
  /** 'mysql' unless told otherwise. */
  flavor?: Flavor;
  /**
   * '9.7' for MySQL; '10.5', '10.11' or '11.8' for MariaDB (default '11.8'). A container image named by MYSQL_IMAGE or
   * MARIADB_IMAGE, or a server on the PATH, decides by itself: look at `SandboxServer.version`.
   */
  version?: string;
  /**
   * More server options, each as one word: '--gtid-mode=ON'. They win over the sandbox's own. Read-only options
   * belong to restart(): a new container's server must take its accounts first.
   */
  args?: string[];
  serverId: number;
}

export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface SandboxServer extends Account {
  readonly kind: SandboxKind;
  readonly name: string;
  readonly flavor: Flavor;
  /** As SELECT VERSION() says. */
  readonly version: string;
  /** Where this host reaches it: always 127.0.0.1 and a port of its own, the same after every restart. */
  readonly host: string;
  readonly port: number;
  /** Where another sandbox server reaches it, for replication. */
  readonly internalAddress: { readonly host: string; readonly port: number };
  /** An account which may replicate, and nothing else. It is not in the binlog, and it's there from the start. */
  readonly replicationAccount: Account;
  /** Runs one or more statements as the all-privileges account; rows of the last one. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** A folder on this host which holds the binlog files as they are now, of a dead server too. */
  binlogDirectory(): Promise<string>;
  /** The certificate authority of the server's own certificates; undefined where it made none. */
  tlsCaFile(): Promise<string | undefined>;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Clean shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
  /** Starts again on the same data and port. `extraArgs` count for this start only. A running server is stopped first. */
  restart(extraArgs?: string[]): Promise<void>;
  /** SIGSTOP: connections stay open, and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends the server whatever its state and deletes its data. A second call does nothing. */
  remove(): Promise<void>;
}
