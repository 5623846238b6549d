// The hook: takes each binlog packet off zongji's own connection before zongji decodes it. The one file that knows the
// insides of zongji and mysql2; never looks into an event, and fails loudly when the insides have moved.
import ZongJi from '@vlasky/zongji';
import { ReconcileError } from '../reconcile-error.ts';

export interface TapOptions {
  /** mysql2 connection options: host, port, user, password, ssl, socketPath … */
  connection: object;
  file: string;
  /** Below 2^32: the dump command has room for no more. */
  position: number;
  serverId: number;
  /** Milliseconds without a byte from the server after which the connection counts as lost. */
  answerTimeout?: number;
}

/** How the stream ended: the server has no more, or said why, or the connection broke. */
export type TapEnd =
  | { kind: 'eof' }
  | { kind: 'server'; errno: number; message: string }
  | { kind: 'lost'; cause: unknown };

/** What mysql2 hands to a command; the instance is used again for the next packet, the buffer is not. */
interface Packet {
  buffer: Buffer;
  offset: number;
  end: number;
  isEOF(): boolean;
  asError(encoding: string): { errno: number; message: string };
}

interface Command {
  execute(packet: Packet | undefined, connection: unknown): boolean;
}

interface Connection {
  addCommand(command: Command): Command;
  query(sql: string, done: (error: unknown) => void): void;
  pause(): void;
  resume(): void;
  stream?: { destroyed?: boolean; bytesRead?: number };
  _fatalError?: unknown;
  _protocolError?: unknown;
}

/** Bytes held for a slow reader before the connection is told to wait. */
const HIGH_WATER = 2 * 1024 * 1024;
const ANSWER_TIMEOUT = 30_000;

export class ZongjiTap {
  /** Set once the stream has ended; packets that came before may still be held. */
  end: TapEnd | null = null;
  private readonly zongji: ZongJi;
  private connection: Connection | null = null;
  private packets: Buffer[] = [];
  private held = 0;
  private paused = false;
  private wake: (() => void) | null = null;
  private readonly answerTimeout: number;

  private constructor(options: TapOptions) {
    this.answerTimeout = options.answerTimeout ?? ANSWER_TIMEOUT;
    this.zongji = new ZongJi(plainOptions(options.connection) as ConstructorParameters<typeof ZongJi>[0]);
  }

  /** Answers once the dump command is on its way. Throws what the server or the network says before that. */
  static async open(options: TapOptions): Promise<ZongjiTap> {
    const tap = new ZongjiTap(options);
    try {
      await tap.start(options);
      return tap;
    } catch (error) {
      await tap.close();
      throw error;
    }
  }

  /** The packets that have come in since, each one event; empty only when the stream has ended. */
  async next(): Promise<Buffer[]> {
    if (this.packets.length === 0 && this.end === null) await this.more();
    const { packets } = this;
    this.packets = [];
    this.held = 0;
    if (this.paused) {
      this.paused = false;
      // Not from within: resuming runs the packets that were held back.
      setImmediate(() => this.connection?.resume());
    }
    return packets;
  }

  /**
   * Waits for a packet or the end. A server that is frozen or behind a dead network says nothing, for ever; one that
   * sends a packet of a GiB says nothing for long, but its bytes come in.
   */
  private async more(): Promise<void> {
    let seen = this.connection?.stream?.bytesRead;
    let quiet = 0;
    const step = this.answerTimeout / 4;
    const watch = setInterval(() => {
      const now = this.connection?.stream?.bytesRead;
      quiet = now === seen ? quiet + step : 0;
      seen = now;
      if (quiet >= this.answerTimeout) this.finish({ kind: 'lost', cause: silence(this.answerTimeout) });
    }, step);
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    clearInterval(watch);
  }

  async close(): Promise<void> {
    this.finish({ kind: 'eof' });
    this.connection = null;
    const { zongji } = this;
    zongji.removeAllListeners();
    zongji.on('error', () => {});
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 2000);
      zongji.once('stopped', () => {
        clearTimeout(timer);
        resolve();
      });
      zongji.stop();
    });
  }

  private start(options: TapOptions): Promise<void> {
    const { zongji, answerTimeout } = this;
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(silence(answerTimeout)), answerTimeout);
      const clear = (): void => clearTimeout(timer);
      zongji.once('ready', clear).once('error', clear);
      zongji.on('error', (error: unknown) => {
        reject(error);
        // Its second connection may time out while the stream goes on: that is no end of ours.
        if (this.connection === null || isBroken(this.connection))
          this.finish({ kind: 'lost', cause: error });
      });
      zongji.on('ready', () => {
        try {
          this.hook(resolve, reject);
        } catch (error) {
          reject(error);
        }
      });
      zongji.start({
        serverId: options.serverId,
        filename: options.file,
        position: options.position,
        nonBlock: true,
        requestAnnotateRows: true,
        includeEvents: [],
      });
    });
  }

  /** zongji adds its dump command to the connection right behind `ready`: the next command added is the one. */
  private hook(resolve: () => void, reject: (error: unknown) => void): void {
    const connection = (this.zongji as unknown as { connection?: Partial<Connection> }).connection;
    if (typeof connection?.addCommand !== 'function' || typeof connection.query !== 'function')
      throw moved('addCommand');
    const held = connection as Connection;
    this.connection = held;
    // The server's setting of today says nothing of older files: always take checksums where they are.
    held.query("SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'", (error) => {
      if (error) reject(error);
    });
    const original = held.addCommand;
    let tapped = false;
    held.addCommand = (command) => {
      held.addCommand = original;
      if (typeof command?.execute !== 'function') throw moved('execute');
      this.wrap(command);
      tapped = true;
      return original.call(held, command);
    };
    setImmediate(() => {
      if (tapped) resolve();
      else reject(moved('the dump command'));
    });
  }

  private wrap(command: Command): void {
    const original = command.execute;
    command.execute = (packet, connection) => {
      // Without a packet mysql2 asks the command to begin: zongji then sends the dump request.
      if (packet === undefined) return original.call(command, packet, connection);
      if (
        !Buffer.isBuffer(packet.buffer) ||
        typeof packet.offset !== 'number' ||
        typeof packet.end !== 'number'
      ) {
        this.finish({ kind: 'lost', cause: moved('the packet') });
        return true;
      }
      const marker = packet.buffer[packet.offset];
      if (marker === 0) {
        this.take(packet.buffer.subarray(packet.offset + 1, packet.end));
        return false;
      }
      if (packet.isEOF()) this.finish({ kind: 'eof' });
      else if (marker === 0xff) {
        const { errno, message } = packet.asError('utf8');
        this.finish({ kind: 'server', errno, message });
      } else this.finish({ kind: 'lost', cause: new Error(`a packet that starts with ${marker}`) });
      return true;
    };
  }

  private take(event: Buffer): void {
    if (this.end !== null) return;
    this.packets.push(event);
    this.held += event.length;
    if (this.held > HIGH_WATER && !this.paused) {
      this.paused = true;
      this.connection?.pause();
    }
    this.wakeReader();
  }

  private finish(end: TapEnd): void {
    this.end ??= end;
    this.wakeReader();
  }

  private wakeReader(): void {
    const { wake } = this;
    this.wake = null;
    wake?.();
  }
}

/** Options that change the shape of results would break the queries that zongji makes for itself. */
function plainOptions(connection: object): object {
  const { rowsAsArray, typeCast, namedPlaceholders, nestTables, ...rest } = connection as Record<
    string,
    unknown
  >;
  return rest;
}

function silence(milliseconds: number): Error {
  return new Error(`no answer for ${milliseconds / 1000} seconds`);
}

function isBroken(connection: Connection): boolean {
  return Boolean(connection._fatalError ?? connection._protocolError ?? connection.stream?.destroyed);
}

function moved(what: string): ReconcileError {
  return new ReconcileError('internal', `@vlasky/zongji or mysql2 has changed: ${what} is not where it was`, {
    hint: 'Install the versions that package.json names, or read the binlog files with --binlog.',
  });
}
