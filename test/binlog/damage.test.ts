// Damage that checksums do not catch: random bytes of real events are changed and their checksums made to fit. Whatever
// comes of it, it is transactions or one ReconcileError, in bounded time and memory, never anything else.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { EventSource, RawEvent } from '../../src/binlog/raw-event.ts';
import { tallyChanges } from '../../src/binlog/transaction-group.ts';
import { ReconcileError } from '../../src/reconcile-error.ts';
import { transactionsOf, valuesOf } from './reading.ts';
import { seeded } from './value-columns.ts';

const ROUNDS = 1000;

function eventsOfFile(path: string, file: string): RawEvent[] {
  const bytes = readFileSync(path);
  const events: RawEvent[] = [];
  for (let position = 4; position < bytes.length; ) {
    const length = bytes.readUInt32LE(position + 9);
    events.push({ file, position, bytes: bytes.subarray(position, position + length) });
    position += length;
  }
  return events;
}

function sourceOf(events: RawEvent[]): EventSource {
  return {
    async *batches() {
      yield events;
    },
    notices: [],
    extents: [],
    close: async () => {},
  };
}

describe.each(['mysql-9.7', 'mysql-9.7-anonymous', 'mariadb-10.5', 'mariadb-10.11', 'mariadb-11.8'])(
  '%s',
  (fixture) => {
    const folder = join(import.meta.dirname, 'fixtures', fixture);
    const names = readdirSync(folder)
      .filter((name) => /\.\d+$/.test(name))
      .sort();
    const whole = names.flatMap((name) => eventsOfFile(join(folder, name), name));

    it('never breaks the reader', async () => {
      const random = seeded(fixture.length * 1000 + 1);
      let failed = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const events = [...whole];
        // The heads stay: without them there is nothing to be read.
        const at = 1 + Math.floor(random() * (events.length - 1));
        const { file, position, bytes } = events[at]!;
        if (bytes[4] === 15) continue;
        let damaged = Buffer.from(bytes);
        if (random() < 0.2)
          damaged = damaged.subarray(0, Math.max(23, Math.floor(random() * damaged.length)));
        for (let i = 0; i < 1 + random() * 3; i++) {
          const where = 19 + Math.floor(random() * (damaged.length - 23));
          if (where < damaged.length) damaged[where] = random() < 0.3 ? 0xff : Math.floor(random() * 256);
        }
        if (random() < 0.1) damaged[4] = Math.floor(random() * 180);
        damaged.writeUInt32LE(damaged.length, 9);
        damaged.writeUInt32LE(crc32(damaged.subarray(0, -4)), damaged.length - 4);
        events[at] = { file, position, bytes: damaged };
        try {
          const { transactions } = await transactionsOf(sourceOf(events));
          for (const transaction of transactions) {
            tallyChanges(transaction);
            for (const { before, after, table } of transaction.changes) {
              const columns = table.columns.map(({ type, meta }) => ({
                type,
                meta,
                unsigned: false,
                binary: true,
              }));
              for (const image of [before, after]) if (image !== null) valuesOf(image, columns);
            }
          }
        } catch (error) {
          failed += 1;
          if (!(error instanceof ReconcileError))
            throw new Error(`round ${round}, event ${at}: ${(error as Error).stack}`);
        }
      }
      expect(failed).toBeGreaterThan(10);
      expect(failed).toBeLessThan(ROUNDS);
    });
  },
);
