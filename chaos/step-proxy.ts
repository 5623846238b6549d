// A TCP proxy between reconcile and the restored primary that knows the replay's steps by their statements: it can stop at
// one, before the server has it or after, and it can cut every connection. Needs connections without TLS. Changes no byte.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export const STEPS = {
  lock: /GET_LOCK/,
  // A transaction opens with its first statement, and the first that it needs locks.
  begin: / FOR UPDATE/,
  rows: /BINLOG '|(INSERT INTO|UPDATE|DELETE FROM) `(?!reconcile`)/,
  journal: /INSERT INTO `reconcile`/,
  commit: /COMMIT/,
} as const;
export type Step = keyof typeof STEPS;

export interface Trap {
  step: Step;
  /** Which one of its kind, from 1. */
  nth: number;
  /** `before`: the server never gets the statement. `after`: it does, and its answer goes nowhere. */
  when: 'before' | 'after';
}

const COM_QUERY = 3;

export class StepProxy {
  readonly #server: Server;
  readonly #pairs = new Set<{ client: Socket; server: Socket }>();
  readonly #seen = new Map<Step, number>();
  #trap: (Trap & { sprung: () => void }) | null = null;

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => this.#join(client, connect({ host, port })));
  }

  static async start(target: { host: string; port: number }): Promise<StepProxy> {
    const proxy = new StepProxy(target.host, target.port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when a statement walks into it: from then on nothing passes on that connection, either way. */
  set(trap: Trap): Promise<void> {
    this.#seen.clear();
    return new Promise((resolve) => {
      this.#trap = { ...trap, sprung: resolve };
    });
  }

  /** Cuts every connection, on both sides. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#pairs.clear();
    this.#trap = null;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    const pair = { client, server };
    this.#pairs.add(pair);
    const end = (): void => {
      client.destroy();
      server.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of [client, server]) {
      socket.setNoDelay();
      socket.on('error', end);
      socket.on('close', end);
    }
    let silent = false;
    client.on('data', (chunk) => {
      const stop = silent ? null : this.#stopAt(chunk);
      if (!silent && stop?.when !== 'before') server.write(chunk);
      if (!stop) return;
      silent = true;
      stop.sprung();
    });
    server.on('data', (chunk) => {
      if (!silent) client.write(chunk);
    });
  }

  #stopAt(chunk: Buffer): (Trap & { sprung: () => void }) | null {
    // A command is the first of its packets; what follows it is its own text.
    if (chunk.length < 5 || chunk[3] !== 0 || chunk[4] !== COM_QUERY) return null;
    const text = chunk.toString('latin1', 5);
    for (const [step, pattern] of Object.entries(STEPS) as [Step, RegExp][]) {
      if (!pattern.test(text)) continue;
      const seen = (this.#seen.get(step) ?? 0) + 1;
      this.#seen.set(step, seen);
      const trap = this.#trap;
      if (!trap || trap.step !== step || seen !== trap.nth) continue;
      this.#trap = null;
      return trap;
    }
    return null;
  }
}
