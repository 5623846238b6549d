// Decides where real servers come from on this machine, and says so in one message if there is no way.
import { engineHost } from './container-engine.ts';
import { debianObstacle } from './debian-packages.ts';
import { serverOnPath } from './path-servers.ts';
import type { Flavor, SandboxKind } from './sandbox-server.ts';

const KINDS: SandboxKind[] = ['docker', 'local', 'debian'];

export async function chosenSandbox(flavor: Flavor = 'mysql'): Promise<SandboxKind> {
  const byHand = process.env.SANDBOX;
  if (byHand) {
    const kind = KINDS.find((one) => one === byHand);
    if (!kind) throw new Error(`SANDBOX=${byHand} is none of ${KINDS.join(', ')}.`);
    const obstacle = await OBSTACLES[kind](flavor);
    if (obstacle) throw new Error(`SANDBOX=${kind} can't be had here: ${obstacle}.`);
    return kind;
  }
  const obstacles: string[] = [];
  for (const kind of KINDS) {
    const obstacle = await OBSTACLES[kind](flavor);
    if (!obstacle) return kind;
    obstacles.push(obstacle);
  }
  throw new Error(
    [
      `No real ${flavor === 'mysql' ? 'MySQL' : 'MariaDB'} server can be had here. One of three ways is needed:`,
      `  docker  a Docker-compatible engine that answers, by DOCKER_HOST if need be (${obstacles[0]})`,
      `  local   ${flavor === 'mysql' ? 'mysqld' : 'mariadbd'} on the PATH (${obstacles[1]})`,
      `  debian  Debian with apt-get, which fetches servers into .cache/ (${obstacles[2]})`,
    ].join('\n'),
  );
}

const OBSTACLES: Record<SandboxKind, (flavor: Flavor) => Promise<string | undefined>> = {
  docker: async () => ((await engineHost()) ? undefined : 'no container engine answers'),
  local: async (flavor) => ((await serverOnPath(flavor)) ? undefined : `no ${flavor} server is on the PATH`),
  debian: async () => debianObstacle(),
};
