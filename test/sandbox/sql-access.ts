// Owns the sandbox's own connections to one server, for SandboxServer.query(). Never used by what is tested.
import { createConnection, createPool, type Pool } from 'mysql2/promise';
import type { Account } from './sandbox-server.ts';

export interface Address extends Account {
  readonly host: string;
  readonly port: number;
}

export class SqlAccess {
  #pool: Pool | undefined;
  readonly address: Address;

  constructor(address: Address) {
    this.address = address;
  }

  async query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    this.#pool ??= createPool({ ...settings(this.address), connectionLimit: 4 });
    const [result] = await this.#pool.query(sql, values);
    return rowsOf(result);
  }

  /**
   * Begins a clean shutdown. Better than a signal alone: a MySQL source waits ten seconds for the threads that feed
   * its replicas unless they are killed, and a replica is back at once if the shutdown doesn't follow at once.
   */
  async shutDown(): Promise<void> {
    const threads = await queryOnce(this.address, 'SHOW PROCESSLIST');
    const feeding = threads.filter((thread) => String(thread.Command).startsWith('Binlog Dump'));
    await queryOnce(this.address, [...feeding.map((thread) => `KILL ${thread.Id}`), 'SHUTDOWN'].join('; '));
  }

  /** Lets go of all connections. The next query makes new ones. */
  close(): void {
    const pool = this.#pool;
    this.#pool = undefined;
    // Not awaited: saying goodbye to a dead or frozen server takes for ever.
    pool?.end().catch(() => {});
  }
}

/** One query on a connection of its own, which fails soon if nobody answers. */
export async function queryOnce(address: Address, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ ...settings(address), connectTimeout: 5_000 });
  try {
    const [result] = await connection.query(sql);
    return rowsOf(result);
  } finally {
    connection.destroy();
  }
}

function settings({ host, port, user, password }: Address) {
  return {
    host,
    port,
    user,
    password,
    multipleStatements: true,
    dateStrings: true,
    supportBigNumbers: true,
    charset: 'utf8mb4',
  };
}

/** Of several statements, the last one's. A statement without rows answers none. */
function rowsOf(result: unknown): Record<string, unknown>[] {
  if (!Array.isArray(result)) return [];
  const several = result.some((one) => Array.isArray(one) || one?.constructor?.name === 'ResultSetHeader');
  if (!several) return result;
  const last = result.at(-1);
  return Array.isArray(last) ? last : [];
}
