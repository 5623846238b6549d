// The window that a command's options ask for. Opens nothing and reads nothing.
import type { LogRequest } from '../requests.ts';
import type { Server } from '../server/connection.ts';
import { parsePosition } from '../window/log-position.ts';
import type { WindowRequest, WindowStart } from '../window/window-request.ts';

/** `failed`: null where its files are read. Throws ReconcileError('usage') where --stop-position is none. */
export function askedWindow(request: LogRequest, failed: Server | null, start: WindowStart): WindowRequest {
  const { stopPosition, stopDatetime, tables, ignoreTables } = request;
  return {
    origin: failed ? { kind: 'live', server: failed } : { kind: 'files', paths: request.binlog },
    start,
    stop: stopPosition === undefined ? undefined : parsePosition(stopPosition, '--stop-position'),
    stopDatetime,
    tables,
    ignoreTables,
  };
}
