// Owns one container of the engine: its start through testcontainers, its death, its files.
// Knows nothing of SQL, and starts nothing again by itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedTestContainer } from 'testcontainers';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { leaveNetwork, networkOfThisProcess } from './container-network.ts';
import { lastLines } from './run-program.ts';

export interface ContainerSettings {
  image: string;
  alias: string;
  port: number;
  environment: Record<string, string>;
  files: { target: string; content: string }[];
  /** Called before the server in it starts, with the paths by which the engine's API removes container and network. */
  created(apiPaths: string[]): void;
}

type Handle = Awaited<ReturnType<typeof handleOf>>;

export class EngineContainer {
  readonly id: string;
  readonly #started: StartedTestContainer;
  readonly #handle: Handle;
  #paused = false;

  static async start(settings: ContainerSettings): Promise<EngineContainer> {
    let log = '';
    const network = await networkOfThisProcess();
    const container = new LoopbackContainer(settings.image, (id) =>
      settings.created([`/containers/${id}?force=1&v=1`, `/networks/${network.getId()}`]),
    )
      .withNetwork(network)
      .withNetworkAliases(settings.alias)
      .withExposedPorts({ container: 3306, host: settings.port })
      .withEnvironment(settings.environment)
      .withCopyContentToContainer(settings.files.map((file) => ({ ...file, mode: 0o644 })))
      .withLogConsumer((stream) => stream.on('data', (chunk) => (log += chunk)))
      // An entrypoint that initialises first starts the server without a port: that line has `port: 0`.
      .withWaitStrategy(Wait.forLogMessage(/socket: .*port: 3306\b/))
      .withStartupTimeout(180_000);
    try {
      const started = await container.start();
      return new EngineContainer(started, await handleOf(started.getId()));
    } catch (cause) {
      await leaveNetwork();
      const words = log ? ` Its log ends with:\n${lastLines(log)}` : '';
      throw new Error(`A container of ${settings.image} did not start: ${cause}.${words}`, { cause });
    }
  }

  private constructor(started: StartedTestContainer, handle: Handle) {
    this.id = started.getId();
    this.#started = started;
    this.#handle = handle;
  }

  /** Where it's reached, unless the engine is on another machine, is the loopback. */
  get host(): string {
    const host = this.#started.getHost();
    return host === 'localhost' ? '127.0.0.1' : host;
  }

  async running(): Promise<boolean> {
    return (await this.#handle.inspect()).State.Running;
  }

  async lastWords(): Promise<string> {
    const raw = (await this.#handle.logs({ stdout: true, stderr: true, follow: false })) as unknown as Buffer;
    return lastLines(withoutFrames(raw));
  }

  async startAgain(): Promise<void> {
    await this.#handle.start();
  }

  async end(how: 'kill' | 'stop'): Promise<void> {
    if (!(await this.running())) return;
    await this.unpause(); // Not every engine can signal a paused container.
    const ended = how === 'kill' ? this.#handle.kill({ signal: 'SIGKILL' }) : this.#handle.stop({ t: 60 });
    await ended.catch(async (error) => {
      if (await this.running()) throw error; // Else it ended by itself in the meantime.
    });
    while (await this.running()) await sleep(20);
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await this.#handle.pause();
  }

  async unpause(): Promise<void> {
    if (!this.#paused) return;
    this.#paused = false;
    await this.#handle.unpause();
  }

  async write(target: string, content: string): Promise<void> {
    await this.#started.copyContentToContainer([{ target, content, mode: 0o644 }]);
  }

  /** Copies a file out of the container, running or not, into a folder of this host. */
  async copyOut(path: string, folder: string): Promise<void> {
    const archive = await this.#started.copyArchiveFromContainer(path);
    const tar = spawn('tar', ['-x', '--no-same-owner', '-C', folder], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const done = once(tar, 'close');
    await pipeline(archive, tar.stdin);
    const [code] = await done;
    if (code !== 0) throw new Error(`${path} of container ${this.id} could not be unpacked.`);
  }

  async remove(): Promise<void> {
    await this.unpause().catch(() => {});
    await this.#handle.remove({ force: true, v: true });
    await leaveNetwork();
  }
}

async function handleOf(id: string) {
  const client = await getContainerRuntimeClient();
  return client.container.getById(id);
}

/** Publishes ports on the loopback only, as far as the engine is on this machine. */
class LoopbackContainer extends GenericContainer {
  readonly #created: (id: string) => void;

  constructor(image: string, created: (id: string) => void) {
    super(image);
    this.#created = created;
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.#created(id);
  }

  protected override async beforeContainerCreated(): Promise<void> {
    const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
    if (host !== 'localhost' && host !== '127.0.0.1') return;
    const bindings: Record<string, { HostIp?: string; HostPort?: string }[]> = this.hostConfig.PortBindings;
    for (const binding of Object.values(bindings).flat()) binding.HostIp = '127.0.0.1';
  }
}

/** A log without terminal comes in frames: 8 bytes, of which the last four are the length, and then the text. */
function withoutFrames(raw: Buffer): string {
  const texts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    texts.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(texts).toString();
}
