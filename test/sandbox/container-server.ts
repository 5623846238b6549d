// A sandbox server in a container. Works with the public images of MySQL and MariaDB and with those of .ci/engine:
// relies on nothing in an image but its entrypoint's MYSQL_ROOT_PASSWORD, its conf.d and its data directory.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineHost } from './container-engine.ts';
import { accountsSql, SMALL_FILES } from './data-template.ts';
import { EngineContainer } from './engine-container.ts';
import { freePort } from './free-port.ts';
import { endWithThisProcess, hasEnded, noteContainer, ownFolder } from './lifetime.ts';
import type { Flavor, SandboxServer, ServerOptions } from './sandbox-server.ts';
import { binlogBase, defaultArgs } from './server-args.ts';
import { queryOnce, SqlAccess } from './sql-access.ts';

const DATA = '/var/lib/mysql';
const CONFIGURATION = '/etc/mysql/conf.d/sandbox.cnf';

type WholeOptions = ServerOptions & { flavor: Flavor; version: string };

/** One for all servers of a run, as in the other ways: a test may well take one server for the other. */
const password = randomBytes(12).toString('hex');

let containers = 0;

export async function startContainerServer(options: WholeOptions): Promise<SandboxServer> {
  const args = [...SMALL_FILES, ...defaultArgs(options), ...(options.args ?? [])];
  const folder = ownFolder(options.name);
  const engine = (await engineHost())!;
  const alias = `sandbox-${process.pid}-${++containers}-${options.name.replace(/\W/g, '-')}`;
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      const container = await EngineContainer.start({
        image: imageOf(options),
        alias,
        port,
        environment: environment(password),
        files: [{ target: CONFIGURATION, content: configuration(args) }],
        created: (apiPaths) => noteContainer(folder, engine, apiPaths),
      });
      const server = new ContainerServer(options, args, container, { alias, port, password, folder });
      return await server.prepare().catch(async (error) => {
        await server.remove();
        throw error;
      });
    } catch (error) {
      const clash = /already allocated|address already in use/i.test(String(error));
      if (!clash || attempt === 5) throw error;
    }
  }
}

function imageOf({ flavor, version }: WholeOptions): string {
  const told = flavor === 'mysql' ? process.env.MYSQL_IMAGE : process.env.MARIADB_IMAGE;
  return told || `${flavor}:${version}`;
}

function environment(password: string): Record<string, string> {
  const settings = { ROOT_PASSWORD: password, ROOT_HOST: '%', INITDB_SKIP_TZINFO: '1' };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => [
      [`MYSQL_${key}`, value],
      [`MARIADB_${key}`, value],
    ]),
  );
}

/** A container's command can't be changed once it's made; a file that it reads at each start can. */
function configuration(args: string[]): string {
  return ['[mysqld]', ...args.map((arg) => arg.replace(/^--/, '')), ''].join('\n');
}

class ContainerServer implements SandboxServer {
  readonly kind = 'docker';
  readonly name: string;
  readonly flavor: Flavor;
  readonly host: string;
  readonly port: number;
  readonly user = 'sandbox';
  readonly password: string;
  readonly internalAddress: { host: string; port: number };
  version = '';
  readonly #args: string[];
  readonly #container: EngineContainer;
  readonly #folder: string;
  readonly #sql: SqlAccess;
  #removed = false;

  constructor(
    { name, flavor }: WholeOptions,
    args: string[],
    container: EngineContainer,
    { alias, port, password, folder }: { alias: string; port: number; password: string; folder: string },
  ) {
    this.name = name;
    this.flavor = flavor;
    this.host = container.host;
    this.port = port;
    this.password = password;
    this.internalAddress = { host: alias, port: 3306 };
    this.#args = args;
    this.#container = container;
    this.#folder = folder;
    this.#sql = new SqlAccess(this);
    endWithThisProcess(this);
  }

  get replicationAccount() {
    return { user: 'replication', password: this.password };
  }

  /** Makes the accounts, and a binlog and GTID state as empty as those of a fresh data directory. */
  async prepare(): Promise<this> {
    const root = { host: this.host, port: this.port, user: 'root', password: this.password };
    await this.#untilReady('root');
    await queryOnce(root, `SET SESSION sql_log_bin = 0;\n${accountsSql(this.password)}`);
    await this.#untilReady('sandbox');
    const [major = 0, minor = 0] = this.version.split('.').map(Number);
    const isNew = this.flavor === 'mysql' && (major > 8 || (major === 8 && minor >= 2));
    await this.query(isNew ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    return this;
  }

  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    return this.#sql.query(sql, values);
  }

  async binlogDirectory(): Promise<string> {
    const base = posix.resolve(DATA, binlogBase(this.#args));
    const folder = await mkdtemp(join(this.#folder, 'binlog-'));
    await this.#container.copyOut(`${base}.index`, folder);
    const index = await readFile(join(folder, `${posix.basename(base)}.index`), 'utf8');
    for (const line of index.split('\n').filter(Boolean)) {
      await this.#container.copyOut(posix.resolve(DATA, line), folder);
    }
    return folder;
  }

  async tlsCaFile(): Promise<string | undefined> {
    try {
      await this.#container.copyOut(`${DATA}/ca.pem`, this.#folder);
      return join(this.#folder, 'ca.pem');
    } catch {
      return undefined;
    }
  }

  async kill(): Promise<void> {
    this.#sql.close();
    await this.#container.end('kill');
  }

  async stop(): Promise<void> {
    this.#sql.close();
    await this.#container.unpause();
    await this.#sql.shutDown().catch(() => {}); // Then the signal does it alone.
    await this.#container.end('stop');
  }

  async restart(extraArgs: string[] = []): Promise<void> {
    await this.stop();
    await this.#container.write(CONFIGURATION, configuration([...this.#args, ...extraArgs]));
    await this.#container.startAgain();
    await this.#untilReady('sandbox');
  }

  async freeze(): Promise<void> {
    await this.#container.pause();
  }

  async thaw(): Promise<void> {
    await this.#container.unpause();
  }

  async remove(): Promise<void> {
    if (this.#removed) return;
    this.#removed = true;
    this.#sql.close();
    await this.#container.remove();
    await rm(this.#folder, { recursive: true, force: true });
    hasEnded(this);
  }

  async #untilReady(user: string): Promise<void> {
    const deadline = Date.now() + 120_000;
    const address = { host: this.host, port: this.port, user, password: this.password };
    while ((await this.#container.running()) && Date.now() < deadline) {
      const answer = await queryOnce(address, 'SELECT VERSION() AS version').catch(() => []);
      if (answer[0]) {
        this.version = String(answer[0].version);
        return;
      }
      await sleep(100);
    }
    const words = await this.#container.lastWords();
    throw new Error(`Server ${this.name} in a container did not start. Its log ends with:\n${words}`);
  }
}
