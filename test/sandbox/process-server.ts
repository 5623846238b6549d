// A sandbox server that is a process of this machine, from the PATH or from Debian's packages.
// Never shares a data directory, a port or a socket with another one.
import { constants, existsSync, realpathSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asCurrentUser, dataTemplate, SMALL_FILES } from './data-template.ts';
import { freePort } from './free-port.ts';
import type { Installation } from './installation.ts';
import { endWithThisProcess, hasEnded, ownFolder } from './lifetime.ts';
import type { Flavor, SandboxKind, SandboxServer, ServerOptions } from './sandbox-server.ts';
import { binlogBase, defaultArgs } from './server-args.ts';
import { ServerProcess } from './server-process.ts';
import { queryOnce, SqlAccess } from './sql-access.ts';

const START_TIMEOUT_MS = 120_000;

export async function startProcessServer(
  installation: Installation,
  options: ServerOptions,
): Promise<SandboxServer> {
  const template = await dataTemplate(installation);
  const folder = ownFolder(options.name);
  await cp(template.data, join(folder, 'data'), { recursive: true, mode: constants.COPYFILE_FICLONE });
  for (let attempt = 1; ; attempt++) {
    const server = new ProcessServer(installation, options, folder, await freePort(), template.password);
    try {
      await server.restart();
      return server;
    } catch (error) {
      const clash = /bind on tcp\/ip port|address already in use/i.test(String(error));
      if (clash && attempt < 5) continue;
      await server.remove();
      throw error;
    }
  }
}

class ProcessServer implements SandboxServer {
  readonly kind: SandboxKind;
  readonly name: string;
  readonly flavor: Flavor;
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly user = 'sandbox';
  readonly password: string;
  version = '';
  readonly #installation: Installation;
  readonly #args: string[];
  readonly #folder: string;
  readonly #sql: SqlAccess;
  #process: ServerProcess | undefined;

  constructor(
    installation: Installation,
    options: ServerOptions,
    folder: string,
    port: number,
    password: string,
  ) {
    this.kind = installation.kind;
    this.name = options.name;
    this.flavor = installation.flavor;
    this.port = port;
    this.password = password;
    this.#installation = installation;
    this.#folder = folder;
    this.#sql = new SqlAccess(this);
    this.#args = [...defaultArgs(options), ...(options.args ?? [])];
    endWithThisProcess(this);
  }

  get internalAddress() {
    return { host: this.host, port: this.port };
  }

  get replicationAccount() {
    return { user: 'replication', password: this.password };
  }

  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    return this.#sql.query(sql, values);
  }

  async binlogDirectory(): Promise<string> {
    return dirname(resolve(this.#data, binlogBase(this.#args)));
  }

  async tlsCaFile(): Promise<string | undefined> {
    const file = join(this.#data, 'ca.pem');
    return existsSync(file) ? file : undefined;
  }

  async kill(): Promise<void> {
    this.#sql.close();
    await this.#process?.kill();
  }

  async stop(): Promise<void> {
    this.#sql.close();
    if (!this.#process?.running) return;
    this.#process.thaw();
    await this.#sql.shutDown().catch(() => {}); // Then the signal does it alone.
    await this.#process.stop();
  }

  async restart(extraArgs: string[] = []): Promise<void> {
    await this.stop();
    const socket = join(this.#folder, 's.sock');
    // Left by a killed server; its pid can live on as a zombie or as somebody else, and the server then refuses.
    for (const file of [socket, `${socket}.lock`]) await rm(file, { force: true });
    // A starting MariaDB deletes every #sql* file of its tmpdir, another server's temporary tables too, which crashes that.
    const temporary = join(this.#folder, 'tmp');
    await mkdir(temporary, { recursive: true });
    const argv = [
      ...this.#installation.server,
      ...asCurrentUser(),
      `--datadir=${this.#data}`,
      `--tmpdir=${temporary}`,
      `--socket=${socket}`,
      `--pid-file=${join(this.#folder, 'mysqld.pid')}`,
      `--port=${this.port}`,
      '--bind-address=127.0.0.1',
      ...SMALL_FILES,
      ...this.#args,
      ...extraArgs,
    ];
    this.#process = new ServerProcess(argv, this.#folder, join(this.#folder, 'error.log'));
    await this.#untilReady(this.#process);
  }

  async freeze(): Promise<void> {
    this.#process?.freeze();
  }

  async thaw(): Promise<void> {
    this.#process?.thaw();
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    hasEnded(this);
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  async #untilReady(process: ServerProcess): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (process.running && Date.now() < deadline) {
      const answer = await queryOnce(this, 'SELECT VERSION() AS version, @@datadir AS data').catch(() => []);
      // Another server could have the port, with the same password: ours is about to say so and end.
      if (answer[0] && realpathSync(String(answer[0].data)) === realpathSync(this.#data)) {
        this.version = String(answer[0].version);
        return;
      }
      await sleep(50);
    }
    const words = process.lastWords();
    await process.kill();
    throw new Error(
      `Server ${this.name} (${this.#installation.title}) did not start. Its log ends with:\n${words}`,
    );
  }
}
