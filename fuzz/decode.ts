// Feeds one input to the decoder and to everything that looks at its rows, and judges what comes of it: transactions, or
// one ReconcileError that names file and position. Anything else is a finding.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileSource } from '../src/binlog/file-source.ts';
import type { EventSource, RawEvent } from '../src/binlog/raw-event.ts';
import { readTransactions } from '../src/binlog/transaction-reader.ts';
import { ReconcileError } from '../src/reconcile-error.ts';
import { RowLines } from '../src/report/row-lines.ts';
import { WindowSummary } from '../src/window/window-summary.ts';
import type { Input } from './mutate.ts';

/** An input is some kilobytes: what takes longer than this is on its way to never ending. */
const MILLISECONDS = 2000;
/** Of one Buffer, beside what the input itself may hold compressed. */
const MOST_BYTES = 4 * 1024 * 1024;
const FILE = 'fuzz.000001';

export type Result =
  | { kind: 'decoded' }
  | { kind: 'refused'; code: string }
  | { kind: 'finding'; what: string };

export class Decoder {
  private readonly folder = mkdtempSync(join(tmpdir(), 'reconcile-fuzz-'));
  private largest = 0;
  private readonly restore: () => void;

  constructor() {
    this.restore = watchAllocations((bytes) => {
      if (bytes > this.largest) this.largest = bytes;
    });
  }

  close(): void {
    this.restore();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async judge(input: Input): Promise<Result> {
    this.largest = 0;
    const started = performance.now();
    const result = await this.decode(input);
    const took = performance.now() - started;
    if (result.kind === 'finding') return result;
    if (took > MILLISECONDS) return { kind: 'finding', what: `it took ${took.toFixed(0)} ms` };
    if (this.largest > MOST_BYTES)
      return { kind: 'finding', what: `a Buffer of ${this.largest} bytes was allocated` };
    return result;
  }

  private async decode(input: Input): Promise<Result> {
    try {
      const reading = readTransactions(await this.open(input), { partBytes: 2000 });
      const summary = new WindowSummary();
      const lines = new RowLines();
      for await (const batch of reading.batches()) {
        for (const transaction of batch) {
          summary.add(transaction);
          lines.add(transaction);
          for (const { before, after } of transaction.changes)
            void (before?.offsets.length ?? after?.offsets.length);
        }
      }
      const broken = brokenLine(lines.take());
      return broken === null ? { kind: 'decoded' } : { kind: 'finding', what: `no JSON: ${broken}` };
    } catch (error) {
      if (!(error instanceof ReconcileError))
        return { kind: 'finding', what: (error as Error).stack ?? String(error) };
      if (
        !error.message.includes(FILE) ||
        (error.code === 'corrupt' && !/\d/.test(error.message.replace(FILE, '')))
      )
        return { kind: 'finding', what: `an error without its place: ${error.code} ${error.message}` };
      return { kind: 'refused', code: error.code };
    }
  }

  private async open(input: Input): Promise<EventSource> {
    if (input.kind === 'events') return memorySource(input.events);
    const path = join(this.folder, FILE);
    writeFileSync(path, input.bytes);
    return openFileSource({ paths: [path], start: { kind: 'beginning' } });
  }
}

function memorySource(events: readonly Buffer[]): EventSource {
  let position = 4;
  const raw: RawEvent[] = events.map((bytes) => {
    const event = { file: FILE, position, bytes };
    position += bytes.length;
    return event;
  });
  return {
    async *batches() {
      yield raw;
    },
    notices: [],
    extents: [{ file: FILE, from: 4, to: position }],
    close: async () => {},
  };
}

function brokenLine(blocks: Buffer[]): string | null {
  for (const line of Buffer.concat(blocks).toString('utf8').split('\n')) {
    try {
      if (line !== '') JSON.parse(line);
    } catch {
      return line;
    }
  }
  return null;
}

/** Every way to a big Buffer that the decoder has. */
function watchAllocations(note: (bytes: number) => void): () => void {
  const { alloc, allocUnsafe, allocUnsafeSlow } = Buffer;
  Buffer.alloc = ((size: number, ...rest: []) => {
    note(size);
    return alloc.call(Buffer, size, ...rest);
  }) as typeof alloc;
  Buffer.allocUnsafe = (size) => {
    note(size);
    return allocUnsafe.call(Buffer, size);
  };
  Buffer.allocUnsafeSlow = (size) => {
    note(size);
    return allocUnsafeSlow.call(Buffer, size);
  };
  return () => Object.assign(Buffer, { alloc, allocUnsafe, allocUnsafeSlow });
}
