// The hook into zongji and mysql2: the day a new version moves it, this fails, and so does the tap, loudly.
import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ReconcileError } from '../../src/reconcile-error.ts';

/** A stand-in that behaves as zongji does, but for what a test takes away. */
let behaviour: (zongji: FakeZongji) => void = () => {};

class FakeZongji extends EventEmitter {
  connection: unknown;
  start(): void {
    setImmediate(() => behaviour(this));
  }
  stop(): void {
    this.emit('stopped');
  }
}

afterEach(() => {
  vi.doUnmock('@vlasky/zongji');
  vi.resetModules();
});

async function openWith(fake: (zongji: FakeZongji) => void): Promise<unknown> {
  behaviour = fake;
  vi.doMock('@vlasky/zongji', () => ({ default: FakeZongji }));
  const { ZongjiTap } = await import('../../src/binlog/zongji-tap.ts');
  return ZongjiTap.open({ connection: {}, file: 'binlog.000001', position: 4, serverId: 1 }).then(
    (tap) => tap,
    (error: unknown) => error,
  );
}

const connection = { addCommand: (command: unknown) => command, query: () => {} };

describe('a hook that has moved is an error', () => {
  it.each([
    ['no connection', (zongji: FakeZongji) => zongji.emit('ready')],
    [
      'no addCommand',
      (zongji: FakeZongji) => {
        zongji.connection = { query: () => {} };
        zongji.emit('ready');
      },
    ],
    [
      'no dump command behind ready',
      (zongji: FakeZongji) => {
        zongji.connection = { ...connection };
        zongji.emit('ready');
      },
    ],
    [
      'a command without execute',
      (zongji: FakeZongji) => {
        zongji.connection = { ...connection };
        zongji.emit('ready');
        try {
          (zongji.connection as typeof connection).addCommand({});
        } catch (error) {
          zongji.emit('error', error);
        }
      },
    ],
  ])('%s', async (_, fake) => {
    const error = (await openWith(fake)) as { code?: string; message: string };
    expect(error.message).toMatch(/@vlasky\/zongji or mysql2 has changed/);
    expect(error.code).toBe('internal');
  });

  it('a packet of another shape', async () => {
    const tap = (await openWith((zongji) => {
      const command = { execute: () => false };
      zongji.connection = { ...connection };
      zongji.emit('ready');
      (zongji.connection as typeof connection).addCommand(command);
      setImmediate(() => (command.execute as (packet: unknown) => boolean)({ data: 1 }));
    })) as { next(): Promise<Buffer[]>; end: { cause: Error } };
    expect(await tap.next()).toEqual([]);
    expect(tap.end.cause.message).toMatch(/the packet is not where it was/);
  });
});

describe('the packages as they are installed', () => {
  it('still have what the tap takes hold of', async () => {
    const { default: ZongJi } = await import('@vlasky/zongji');
    const { default: mysql } = await import('mysql2');
    const { default: binlogClass } = await import(
      '../../node_modules/@vlasky/zongji/lib/sequence/binlog.js' as string
    );
    const connection = mysql.createConnection({ host: '127.0.0.1', port: 1, user: 'nobody' });
    connection.on('error', () => {});
    for (const name of ['addCommand', 'query', 'pause', 'resume', 'handlePacket']) {
      expect(typeof (connection as unknown as Record<string, unknown>)[name]).toBe('function');
    }
    connection.destroy();
    const Binlog = binlogClass({ get: () => ({}) });
    expect(typeof Binlog.prototype.execute).toBe('function');
    expect(typeof ZongJi.prototype.start).toBe('function');
    expect(new ReconcileError('internal', 'x').code).toBe('internal');
  });
});
