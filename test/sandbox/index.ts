// The sandbox: real MySQL and MariaDB servers for tests, demo and benchmarks, from whichever way this machine has.
// Never a mock, never a server that was here before.
import { chosenSandbox } from './choose-sandbox.ts';
import { debianPackages } from './debian-packages.ts';
import type { Installation } from './installation.ts';
import { clientOnPath, serverOnPath } from './path-servers.ts';
import { startProcessServer } from './process-server.ts';
import type { Flavor, SandboxServer, ServerOptions } from './sandbox-server.ts';

export { chosenSandbox } from './choose-sandbox.ts';
export { stopAll } from './lifetime.ts';
export { caughtUp, replicate, stopReplication } from './replication.ts';
export type { Account, Flavor, SandboxKind, SandboxServer, ServerOptions } from './sandbox-server.ts';

const DEFAULT_VERSIONS: Record<Flavor, string> = { mysql: '9.7', mariadb: '11.8' };

export async function startServer(options: ServerOptions): Promise<SandboxServer> {
  const flavor = options.flavor ?? 'mysql';
  const version = options.version ?? DEFAULT_VERSIONS[flavor];
  const whole = { ...options, flavor, version };
  const kind = await chosenSandbox(flavor);
  if (kind === 'docker') {
    // Loaded only here: it takes a while.
    const { startContainerServer } = await import('./container-server.ts');
    return startContainerServer(whole);
  }
  return startProcessServer(await installation(kind, flavor, version), whole);
}

/**
 * The words that run a client program ('mysql', 'mysqlbinlog', 'mysqldump'; MariaDB's own where that's the flavour);
 * undefined where this sandbox has none.
 */
export async function clientTool(
  { flavor, version = DEFAULT_VERSIONS[flavor] }: { flavor: Flavor; version?: string },
  name: string,
): Promise<string[] | undefined> {
  const kind = await chosenSandbox(flavor);
  return kind === 'docker'
    ? clientOnPath(flavor, name)
    : (await installation(kind, flavor, version)).tool(name);
}

async function installation(
  kind: 'local' | 'debian',
  flavor: Flavor,
  version: string,
): Promise<Installation> {
  if (kind === 'debian') return debianPackages(flavor, version);
  return (await serverOnPath(flavor))!;
}
