// What one round stands on: its servers, its random choices, its schema, the sessions it has open, and the tale of what was done,
// for whoever has to look at a failure. Decides nothing.
import type { Connection } from 'mysql2/promise';
import type { Random } from '../chaos/random.ts';
import type { SandboxServer } from '../test/sandbox/index.ts';
import type { Played, Stage } from './history.ts';
import type { Table } from './schema.ts';
import { connect, type Servers } from './servers.ts';

export class Ground {
  readonly servers: Servers;
  readonly random: Random;
  readonly schema: string;
  readonly tables: readonly Table[];
  /** Where the record and the plans are. */
  readonly folder: string;
  /** Statements before the failover, on both. */
  readonly seeding: string[] = [];
  readonly failed: Played[] = [];
  readonly restored: Played[] = [];
  /** Of the failed primary's session. */
  readonly settings: string[] = [];
  /** Commands and their answers. */
  readonly said: string[] = [];
  /** How often what was seen. */
  readonly counts = new Map<string, number>();
  readonly #open: Connection[] = [];

  constructor(
    servers: Servers,
    random: Random,
    { schema, tables, folder }: { schema: string; tables: readonly Table[]; folder: string },
  ) {
    this.servers = servers;
    this.random = random;
    this.schema = schema;
    this.tables = tables;
    this.folder = folder;
  }

  count = (what: string): void => {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  };

  stage = async (server: SandboxServer): Promise<Stage> => {
    const connection = await connect(server);
    this.#open.push(connection);
    await connection.query(`USE ${this.schema}`);
    const { schema, tables, random } = this;
    const stage = { connection, flavor: server.flavor, schema, tables, random };
    const { servers } = this;
    const isFollowed = server === servers.restored && servers.replica !== null && servers.isMysql;
    return isFollowed ? { ...stage, avoided: (sql) => this.#replacesParent(sql) } : stage;
  };

  /** MySQL 9.7 writes a parent anew while it has children; its own replicas stop there, or take the children's reference away. */
  #replacesParent(sql: string): boolean {
    const parents = this.tables.flatMap(({ references }) => references.map(({ table }) => table));
    return parents.some((table) => sql.startsWith(`REPLACE INTO ${this.schema}.${table} `));
  }

  leave(): void {
    for (const connection of this.#open) connection.destroy();
  }
}
