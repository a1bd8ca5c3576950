import type { EngineEnvironment } from './discovery.ts';
import { type EngineAddress, type EngineEndpoint, formatEngineAddress } from './endpoints.ts';

/** Where engines listen when nobody says otherwise, the likeliest first. Whether one is there is found by asking it. */
export function usualEndpoints(environment: EngineEnvironment): readonly EngineEndpoint[] {
  if (environment.platform === 'win32')
    return PIPES.map(([source, path]) => endpoint(source, { type: 'npipe', path }));
  const seen = new Set<string>();
  return [...sockets(environment)]
    .filter(([, path]) => !seen.has(path) && seen.add(path))
    .map(([source, path]) => endpoint(source, { type: 'unix', path }));
}

function endpoint(source: string, address: EngineAddress): EngineEndpoint {
  return { address, url: formatEngineAddress(address), source, explicit: false };
}

const PIPES = [
  ['Docker', '//./pipe/docker_engine'],
  ['Docker Desktop', '//./pipe/dockerDesktopLinuxEngine'],
  ['Podman', '//./pipe/podman-machine-default'],
] as const;

function* sockets({
  platform,
  home,
  userId,
  variables,
}: EngineEnvironment): Generator<[source: string, path: string]> {
  const runtime = variables['XDG_RUNTIME_DIR'] || (userId === undefined ? undefined : `/run/user/${userId}`);
  const config = variables['XDG_CONFIG_HOME'] || `${home}/.config`;
  yield ['Docker', '/var/run/docker.sock'];
  if (runtime !== undefined) yield ['Docker rootless', `${runtime}/docker.sock`];
  yield ['Docker Desktop', `${home}/.docker/run/docker.sock`];
  yield ['Docker Desktop', `${home}/.docker/desktop/docker.sock`];
  yield ['Colima', `${variables['COLIMA_HOME'] || `${home}/.colima`}/default/docker.sock`];
  yield ['Colima', `${config}/colima/default/docker.sock`];
  yield ['OrbStack', `${home}/.orbstack/run/docker.sock`];
  yield ['Rancher Desktop', `${home}/.rd/docker.sock`];
  yield ['Lima', `${home}/.lima/docker/sock/docker.sock`];
  if (runtime !== undefined) yield ['Podman', `${runtime}/podman/podman.sock`];
  if (platform === 'linux') yield ['Podman', '/run/podman/podman.sock'];
  else yield ['Podman', `${home}/.local/share/containers/podman/machine/podman.sock`];
}
