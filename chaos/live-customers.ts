// Live traffic on the restored primary: customers who write without a pause, through crashes and restarts, and keep their
// own journal of what was acknowledged to them. Touches no row of the lost window.
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import type { SandboxServer } from '../test/sandbox/index.ts';
import { CUSTOMER_ACCOUNTS, CUSTOMER_ENTRIES, CUSTOMERS } from './bank.ts';

const PAUSE_MS = 3;

export class LiveCustomers {
  readonly #server: SandboxServer;
  readonly #schema: string;
  /** By write: acknowledged, or cut off before the answer to its COMMIT came. */
  readonly #acknowledged = new Set<number>();
  readonly #unknown = new Set<number>();
  readonly #running: Promise<void>[];
  #next = 1;
  #stopped = false;

  constructor(server: SandboxServer, schema: string) {
    this.#server = server;
    this.#schema = schema;
    this.#running = Array.from({ length: CUSTOMERS }, (_, who) => this.#live(who));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  /** Ends them; resolves with how many writes were acknowledged. Throws where one is lost or was never made. */
  async stopAndCheck(): Promise<number> {
    await this.stop();
    const schema = this.#schema;
    const rows = await this.#server.query(
      `SELECT l.id, l.who, e.account FROM ${schema}.live l LEFT JOIN ${schema}.entry e ON e.id = l.id + ${CUSTOMER_ENTRIES}`,
    );
    const there = new Set(rows.map(({ id }) => Number(id)));
    const lost = [...this.#acknowledged].filter((id) => !there.has(id));
    const invented = [...there].filter((id) => !this.#acknowledged.has(id) && !this.#unknown.has(id));
    const half = rows.filter(({ who, account }) => Number(account) !== CUSTOMER_ACCOUNTS + Number(who));
    const balances = await this.#server.query(
      `SELECT a.id, a.balance, (SELECT COUNT(*) FROM ${schema}.live l WHERE l.who = a.id - ${CUSTOMER_ACCOUNTS}) AS writes
        FROM ${schema}.account a WHERE a.id >= ${CUSTOMER_ACCOUNTS}`,
    );
    const wrong = balances.filter(({ balance, writes }) => Number(balance) !== Number(writes));
    const faults = { lost, invented, half, wrong };
    if (Object.values(faults).some(({ length }) => length > 0))
      throw new Error(`live traffic is not as it was acknowledged: ${JSON.stringify(faults)}`);
    return this.#acknowledged.size;
  }

  async #live(who: number): Promise<void> {
    const { host, port, user, password } = this.#server;
    while (!this.#stopped) {
      const connection = await mysql
        .createConnection({ host, port, user, password, multipleStatements: true })
        .catch(() => null);
      connection?.on('error', () => {});
      while (connection && !this.#stopped && (await this.#write(connection, who))) await sleep(PAUSE_MS);
      connection?.destroy();
      await sleep(20);
    }
  }

  /** False: another connection is needed. */
  async #write(connection: mysql.Connection, who: number): Promise<boolean> {
    const id = this.#next++;
    const account = CUSTOMER_ACCOUNTS + who;
    try {
      await connection.query(`START TRANSACTION; INSERT INTO ${this.#schema}.live VALUES (${id}, ${who});
        UPDATE ${this.#schema}.account SET balance = balance + 1 WHERE id = ${account};
        INSERT INTO ${this.#schema}.entry VALUES (${CUSTOMER_ENTRIES + id}, ${account}, 1)`);
    } catch {
      // Without a COMMIT nothing of it may stay.
      return false;
    }
    try {
      await connection.query('COMMIT');
      this.#acknowledged.add(id);
      return true;
    } catch {
      this.#unknown.add(id);
      return false;
    }
  }
}
