// Finds out whether a Docker-compatible engine answers. A docker program on the PATH proves nothing.
import { type RequestOptions, request } from 'node:http';
import { homedir } from 'node:os';

const PATIENCE_MS = 1_000;

let found: Promise<string | undefined> | undefined;

/** The address of the engine that testcontainers reaches too; undefined if none answers. */
export function engineHost(): Promise<string | undefined> {
  found ??= lookForEngine();
  return found;
}

async function lookForEngine(): Promise<string | undefined> {
  const told = process.env.DOCKER_HOST;
  if (told) return (await pings(told)) ? told : undefined;
  const runtime = process.env.XDG_RUNTIME_DIR;
  for (const socket of [
    '/var/run/docker.sock',
    ...(runtime ? [`${runtime}/docker.sock`] : []),
    `${homedir()}/.docker/run/docker.sock`,
  ]) {
    if (await pings(`unix://${socket}`)) return `unix://${socket}`;
  }
  for (const socket of [...(runtime ? [`${runtime}/podman/podman.sock`] : []), '/run/podman/podman.sock']) {
    if (!(await pings(`unix://${socket}`))) continue;
    // testcontainers doesn't look there by itself.
    process.env.DOCKER_HOST = `unix://${socket}`;
    return process.env.DOCKER_HOST;
  }
  return undefined;
}

const pings = async (host: string) => (await engineRequest(host, 'GET', '/_ping', PATIENCE_MS)) === 200;

/** The status that the engine at `host` answers; undefined if it doesn't. Speaks no TLS. */
export function engineRequest(
  host: string,
  method: string,
  path: string,
  timeout: number,
): Promise<number | undefined> {
  const target = requestTarget(host);
  if (!target) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const call = request({ ...target, method, path, timeout }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve(undefined));
    call.once('close', () => resolve(undefined));
    call.end();
  });
}

function requestTarget(host: string): RequestOptions | undefined {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  if (!/^(tcp|http):\/\//.test(host)) return undefined;
  const { hostname, port } = new URL(host.replace(/^tcp:/, 'http:'));
  return { host: hostname, port: port || '2375' };
}
