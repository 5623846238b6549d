// Finds out whether a Docker-compatible engine answers. A docker program on the PATH proves nothing.
import { get, type RequestOptions } from 'node:http';
import { homedir } from 'node:os';

const PATIENCE_MS = 1_000;

/** True if testcontainers will reach an engine. Tells it the address where that's not one it looks at itself. */
export async function engineAnswers(): Promise<boolean> {
  const told = process.env.DOCKER_HOST;
  if (told) return pings(told);
  for (const host of usualHosts()) {
    if (!(await pings(host))) continue;
    process.env.DOCKER_HOST = host;
    return true;
  }
  return false;
}

function usualHosts(): string[] {
  const runtime = process.env.XDG_RUNTIME_DIR;
  return [
    'unix:///var/run/docker.sock',
    ...(runtime ? [`unix://${runtime}/docker.sock`, `unix://${runtime}/podman/podman.sock`] : []),
    `unix://${homedir()}/.docker/run/docker.sock`,
    'unix:///run/podman/podman.sock',
  ];
}

function pings(host: string): Promise<boolean> {
  const target = requestTarget(host);
  if (!target) return Promise.resolve(false);
  return new Promise((resolve) => {
    const request = get({ ...target, path: '/_ping', timeout: PATIENCE_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.once('close', () => resolve(false));
  });
}

function requestTarget(host: string): RequestOptions | undefined {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  if (!/^(tcp|http):\/\//.test(host)) return undefined;
  const { hostname, port } = new URL(host.replace(/^tcp:/, 'http:'));
  return { host: hostname, port: port || '2375' };
}
