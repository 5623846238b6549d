// Finds a TCP port of our own on the loopback. Never holds it: whoever asked must be ready for a clash.
import { createServer } from 'node:net';

// Below the range that Linux and macOS give to outgoing connections. Inside it, any client could take the port of
// a killed server before its restart.
const LOWEST = 15_000;
const HIGHEST = 32_000;

const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (given.has(port) || !(await canListen(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`No free TCP port between ${LOWEST} and ${HIGHEST} on 127.0.0.1.`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    // On all addresses, because an engine publishes the ports of its containers there.
    probe.listen({ port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
