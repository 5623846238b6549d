// Waits until what was sent on a connection has left the process. Sends nothing.
import type { RawConnection } from './connection.ts';

/** The part of the driver's own connection, below its promises, that is needed here. */
interface Driver {
  stream: { writableNeedDrain?: boolean; once(event: 'drain', listener: () => void): unknown };
}

/**
 * Whoever goes on computing right behind a large packet keeps the rest of it back: only the event loop hands it to the
 * socket. Never resolves on a connection that breaks: wait for its answer too.
 */
export function socketDrained(connection: RawConnection): Promise<void> {
  const { stream } = (connection as unknown as { connection: Driver }).connection;
  return new Promise((resolve) => {
    if (stream.writableNeedDrain) stream.once('drain', () => resolve());
    else setImmediate(resolve);
  });
}
