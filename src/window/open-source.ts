// Opens the log that a window is read from, live or from files, at the event where the window begins. Never reads rows.
import { numberOf } from '../binlog/binlog-files.ts';
import { binlogFileHeads, type LogHead } from '../binlog/file-heads.ts';
import { openFileSource, type StartPoint } from '../binlog/file-source.ts';
import type { EventSource } from '../binlog/raw-event.ts';
import { ReconcileError } from '../reconcile-error.ts';
import type { Server } from '../server/connection.ts';
import { type BinaryLog, binaryLogs, gtidsBeforeLog } from '../server/coordinates.ts';
import { begunBehindRecord, fileBehindGtids } from './gtid-start.ts';
import type { WindowRequest } from './window-request.ts';

/** Throws `purged` where what the window begins with is gone, `input` where the coordinates are of another log. */
export async function openSource({ origin, start, stop }: WindowRequest): Promise<EventSource> {
  if (origin.kind === 'files') {
    const { paths } = origin;
    const begin = await startPoint(start, () => binlogFileHeads(paths), null);
    refuseStopBefore(begin, stop);
    return openFileSource({ paths, start: begin, stop });
  }
  const { server } = origin;
  const files = await binaryLogs(server);
  const last = files.at(-1);
  if (!last) throw new ReconcileError('purged', `${server.name} has no binary log`);
  const begin = await startPoint(start, async () => serverHeads(server, files), server.name);
  refuseStopBefore(begin, stop);
  // Loaded only here: files need no replication client, and wait for none.
  const { openLiveSource } = await import('../binlog/live-source.ts');
  return openLiveSource({
    connection: server.connectionOptions,
    start: {
      kind: 'position',
      file: begin.kind === 'beginning' ? files[0]!.name : begin.file,
      position: begin.kind === 'position' ? begin.position : 4,
    },
    stop: stop ?? { file: last.name, position: last.size },
    files,
  });
}

function serverHeads(server: Server, files: readonly BinaryLog[]): LogHead[] {
  return files.map(({ name }) => ({ file: name, gtidsBefore: () => gtidsBeforeLog(server, name) }));
}

async function startPoint(
  start: WindowRequest['start'],
  readHeads: () => Promise<LogHead[]>,
  server: string | null,
): Promise<StartPoint> {
  if (start.kind === 'beginning') return start;
  if (start.kind === 'gtids') {
    const heads = await readHeads();
    return { kind: 'file', file: await fileBehindGtids({ ...start, heads, server, wanted: null }) };
  }
  const { file, position, gtidSet } = start;
  const asked: StartPoint = { kind: 'position', file, position };
  if (gtidSet === null) return asked;
  const heads = await readHeads();
  const head = heads.find((one) => one.file === file);
  if (head !== undefined) {
    await refuseOtherLog(head, gtidSet);
    return asked;
  }
  // The recorded file may be gone and nothing with it, where the window's first transaction stands in a later one.
  const later = heads.filter((one) => isBehind(one.file, file));
  if (later.length === 0) return asked;
  return { kind: 'file', file: await fileBehindGtids({ heads: later, gtidSet, server, wanted: file }) };
}

async function refuseOtherLog(head: LogHead, gtidSet: string): Promise<void> {
  const before = await head.gtidsBefore();
  const later = before === null ? null : begunBehindRecord(before, gtidSet);
  if (later === null) return;
  throw new ReconcileError(
    'input',
    `${head.file} is not the file that the record names: it begins behind transactions that came after the record (${later})`,
    {
      hint: 'The log was reset since, or is of another server. Give the failed primary’s log of that time with --binlog.',
    },
  );
}

/** It would be an empty window, in which nothing is missing. Files in the wrong order are the sources' to refuse. */
function refuseStopBefore(begin: StartPoint, stop: WindowRequest['stop']): void {
  if (begin.kind !== 'position' || stop?.file !== begin.file || stop.position >= begin.position) return;
  throw new ReconcileError(
    'input',
    `the window begins at ${begin.file}:${begin.position}, behind ${stop.file}:${stop.position}, where it should stop`,
    { hint: 'Stop behind the place where it begins, or leave --stop-position out.' },
  );
}

function isBehind(file: string, recorded: string): boolean {
  const [here, there] = [numberOf(file), numberOf(recorded)];
  return here !== null && there !== null && here.stem === there.stem && here.number > there.number;
}
