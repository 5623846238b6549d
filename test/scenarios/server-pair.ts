// Two servers that change roles as in a botched failover: A leads, B follows and is promoted, B dies, A leads again.
// Knows the servers' words for that; knows nothing of scenarios or of reconcile.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { caughtUp, replicate, type SandboxServer, startServer } from '../sandbox/index.ts';
import { MODES, type Mode } from './scenario.ts';

const SYSTEM_SCHEMAS = "'mysql','sys','information_schema','performance_schema'";
/** Present from the start, or a server's own. */
const SYSTEM_USERS = "'sandbox','replication','root','mariadb.sys','PUBLIC','','mysql'";

export class ServerPair {
  readonly mode: Mode;
  /** The old primary, later the restored one. */
  readonly a: SandboxServer;
  /** The new primary, which fails. */
  readonly b: SandboxServer;

  static async start(mode: Mode): Promise<ServerPair> {
    const { gtid: _, ...options } = { version: undefined, ...MODES[mode] };
    const start = (name: string, serverId: number): Promise<SandboxServer> => {
      const { version, args, flavor } = options;
      return startServer({ name, serverId, flavor, args: [...args], ...(version ? { version } : {}) });
    };
    const [a, b] = await Promise.all([start('a', 1), start('b', 2)]);
    return new ServerPair(mode, a, b);
  }

  private constructor(mode: Mode, a: SandboxServer, b: SandboxServer) {
    this.mode = mode;
    this.a = a;
    this.b = b;
  }

  /** What an operator's shell has in its environment. */
  get credentials(): Record<string, string> {
    const { a, b } = this;
    return {
      RECONCILE_OLD_PASSWORD: a.password,
      RECONCILE_NEW_PASSWORD: b.password,
      RECONCILE_FAILED_PASSWORD: b.password,
      RECONCILE_RESTORED_PASSWORD: a.password,
    };
  }

  get #isMysql(): boolean {
    return this.a.flavor === 'mysql';
  }

  /** Two empty servers again, with an empty log each, B following A. */
  async reset(): Promise<void> {
    const forget = this.#isMysql
      ? 'RESET BINARY LOGS AND GTIDS'
      : "RESET MASTER; SET GLOBAL gtid_slave_pos=''";
    // A scenario that failed can leave B dead.
    await this.promote().catch(async () => {
      await this.b.restart();
      await this.promote();
    });
    await this.a.query('SELECT 1').catch(() => this.a.restart());
    for (const server of [this.a, this.b]) {
      await rollBackPrepared(server);
      const schemas = await server.query(
        `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (${SYSTEM_SCHEMAS})`,
      );
      const users = await server.query(
        `SELECT user AS user, host AS host FROM mysql.user WHERE user NOT IN (${SYSTEM_USERS}) AND user NOT LIKE 'mysql.%'`,
      );
      await server.query(
        [
          'SET sql_log_bin=0, foreign_key_checks=0',
          ...schemas.map(({ name }) => `DROP DATABASE \`${String(name).replaceAll('`', '``')}\``),
          ...users.map(({ user, host }) => `DROP USER '${user}'@'${host}'`),
          'SET sql_log_bin=1, foreign_key_checks=1',
          forget,
        ].join('; '),
      );
    }
    await replicate({ from: this.a, to: this.b, gtid: MODES[this.mode].gtid });
  }

  caughtUp(): Promise<void> {
    return caughtUp({ from: this.a, to: this.b });
  }

  /** A takes no writes from here on; from `restoreOld` on it does again. */
  async fenceOld(): Promise<void> {
    await this.a.query(`SET GLOBAL ${this.#isMysql ? 'super_read_only' : 'read_only'}=ON`);
  }

  async restoreOld(): Promise<void> {
    await this.a.query('SET GLOBAL read_only=OFF');
  }

  /** B stops following and takes writes. */
  async promote(): Promise<void> {
    await this.b.query(
      this.#isMysql
        ? 'STOP REPLICA; RESET REPLICA ALL; SET GLOBAL super_read_only=OFF; SET GLOBAL read_only=OFF'
        : 'STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only=0',
    );
  }

  /** The dead server's log ends in the first bytes of one more transaction, as if it had died while writing them. */
  async tearTail(bytes: number): Promise<void> {
    const folder = await this.b.binlogDirectory();
    const last = readdirSync(folder)
      .filter((name) => /^binlog\.\d+$/.test(name))
      .sort()
      .at(-1)!;
    const log = readFileSync(join(folder, last));
    appendFileSync(join(folder, last), anotherTransaction(log).subarray(0, bytes));
  }

  async fence(): Promise<void> {
    await this.b.query(`SET GLOBAL ${this.#isMysql ? 'super_read_only' : 'read_only'}=ON`);
  }

  /** B comes back, and takes no writes. */
  async restartFenced(): Promise<void> {
    await this.b.restart([this.#isMysql ? '--super-read-only=ON' : '--read-only=ON']);
  }
}

/** What XA left prepared keeps its locks, and its tables could not be dropped. */
async function rollBackPrepared(server: SandboxServer): Promise<void> {
  for (const { formatID, gtrid_length: length, data } of await server.query('XA RECOVER')) {
    const name = String(data);
    const [gtrid, bqual] = [name.slice(0, Number(length)), name.slice(Number(length))];
    await server.query(`XA ROLLBACK '${gtrid}','${bqual}',${formatID}`);
  }
}

/** As an operator types it. */
export function addressOf({ user, host, port }: SandboxServer): string {
  return `mysql://${user}@${host}:${port}`;
}

const GTID_EVENTS = new Set([33, 34, 162]);
const EVENT_HEADER = 19;
const CHECKSUM = 4;

/** The log's last transaction once more, as it would stand behind the log's end: each event knows where it ends. */
function anotherTransaction(log: Buffer): Buffer {
  const again = Buffer.from(log.subarray(lastTransaction(log)));
  for (const event of events(again, 0)) {
    const body = event.subarray(0, -CHECKSUM);
    const checked = crc32(body) === event.readUInt32LE(body.length);
    event.writeUInt32LE(log.length + event.byteOffset - again.byteOffset + event.length, 13);
    if (checked) event.writeUInt32LE(crc32(body), body.length);
  }
  return again;
}

/** Where the last transaction of a log begins: at its GTID event, which every transaction has in both flavours. */
function lastTransaction(log: Buffer): number {
  const begins = [...events(log, 4)].filter((event) => GTID_EVENTS.has(event[4]!));
  return begins.at(-1)!.byteOffset - log.byteOffset;
}

function* events(log: Buffer, start: number): Generator<Buffer> {
  for (let at = start; at + EVENT_HEADER <= log.length; ) {
    const length = log.readUInt32LE(at + 9);
    yield log.subarray(at, at + length);
    at += length;
  }
}
