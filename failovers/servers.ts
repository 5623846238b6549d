// The servers of one mode, kept over many rounds: the restored primary, the failed primary, and a replica of the restored one,
// which must follow all that a replay does. Knows nothing of histories.
import mysql, { type Connection } from 'mysql2/promise';
import { caughtUp, replicate, type SandboxServer, startServer } from '../test/sandbox/index.ts';
import { MODES, type Mode } from '../test/scenarios/scenario.ts';

export class Servers {
  readonly mode: Mode;
  readonly restored: SandboxServer;
  readonly failed: SandboxServer;
  /** Null where nobody follows: it starts sooner. */
  readonly replica: SandboxServer | null;

  private constructor(
    mode: Mode,
    restored: SandboxServer,
    failed: SandboxServer,
    replica: SandboxServer | null,
  ) {
    this.mode = mode;
    this.restored = restored;
    this.failed = failed;
    this.replica = replica;
  }

  static async start(mode: Mode, followed = true): Promise<Servers> {
    const { gtid, flavor, args, version } = { version: undefined, ...MODES[mode] };
    const start = (name: string, serverId: number, ...more: string[]): Promise<SandboxServer> =>
      startServer({ name, flavor, serverId, args: [...args, ...more], ...(version ? { version } : {}) });
    const [restored, failed, replica] = await Promise.all([
      start('restored', 1),
      start('failed', 2),
      // With several workers MySQL 9.7's replicas were seen to end unlike their source, with no replay in between.
      followed ? start('replica', 3, '--loose-replica-parallel-workers=1') : null,
    ]);
    if (replica) await replicate({ from: restored, to: replica, gtid });
    return new Servers(mode, restored, failed, replica);
  }

  get all(): SandboxServer[] {
    return [this.restored, this.failed, ...(this.replica ? [this.replica] : [])];
  }

  get isMysql(): boolean {
    return this.restored.flavor === 'mysql';
  }

  /** On all of them, in nobody's log. */
  async seed(statements: readonly string[]): Promise<void> {
    await this.failed.query('SET GLOBAL read_only = 0');
    for (const server of this.all) {
      const connection = await connect(server);
      try {
        await connection.query('SET sql_log_bin = 0');
        for (const sql of statements) await connection.query(sql);
      } finally {
        await connection.end();
      }
    }
  }

  /** As a replica would that was promoted, the failed primary has executed all that the restored one has. */
  async shareHistory(): Promise<void> {
    const { mode, restored, failed } = this;
    if (mode === 'mysql-gtid') {
      const [row] = await restored.query('SELECT @@GLOBAL.gtid_executed AS gtids');
      const [more] = await failed.query('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed) AS gtids', [
        row!.gtids,
      ]);
      if (more!.gtids !== '') await failed.query('SET GLOBAL gtid_purged = ?', [`+${more!.gtids}`]);
    }
    if (!this.isMysql) {
      const [row] = await restored.query('SELECT @@gtid_binlog_pos AS position');
      await failed.query('SET GLOBAL gtid_slave_pos = ?', [row!.position]);
    }
  }

  async fence(): Promise<void> {
    await this.failed.query(`SET GLOBAL ${this.isMysql ? 'super_read_only' : 'read_only'} = 1`);
  }

  async caughtUp(): Promise<void> {
    if (this.replica) await caughtUp({ from: this.restored, to: this.replica });
  }

  async remove(): Promise<void> {
    await Promise.all(this.all.map((server) => server.remove()));
  }
}

/** Its sessions think in UTC, so that a TIMESTAMP reads the same everywhere. */
export async function connect({ host, port, user, password }: SandboxServer): Promise<Connection> {
  const connection = await mysql.createConnection({ host, port, user, password, multipleStatements: true });
  await connection.query("SET NAMES utf8mb4; SET time_zone = '+00:00'");
  return connection;
}
