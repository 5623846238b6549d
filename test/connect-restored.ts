// A sandbox server as commands are given a server, and connected to as the restored primary.
import { connectServer, type Server } from '../src/server/connection.ts';
import type { ServerChoice, ServerRole } from '../src/server/server-choice.ts';
import type { SandboxServer } from './sandbox/index.ts';

/** `account`: another one than the sandbox's own. */
export function sandboxChoice(
  { host, port, user, password }: SandboxServer,
  role: ServerRole = 'restored',
  account: ServerChoice['credentials'] = { user, password },
): ServerChoice {
  return {
    role,
    address: { host, port },
    credentials: account,
    tls: { mode: 'PREFERRED', ca: undefined, cert: undefined, key: undefined },
  };
}

export function connectRestored(server: SandboxServer): Promise<Server> {
  return connectServer(sandboxChoice(server));
}
