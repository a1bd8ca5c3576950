import { AppFailure } from '#contract/errors.ts';
import type { ContainerBody } from '#engine/bodies.ts';
import type { Binding, FakeContainer } from './state.ts';
import type { World } from './world.ts';

const FIRST_EPHEMERAL_PORT = 49_153;
const EVERY_ADDRESS = '0.0.0.0';

export function bindingsOf(body: ContainerBody): Binding[] {
  return Object.entries(body.HostConfig?.PortBindings ?? {}).flatMap(([key, bindings]) => {
    const [port = '', protocol = 'tcp'] = key.split('/');
    return bindings.map((binding) => ({
      containerPort: Number(port),
      protocol: protocol as Binding['protocol'],
      hostIp: binding.HostIp || EVERY_ADDRESS,
      hostPort: Number(binding.HostPort ?? '0'),
      chosen: (binding.HostPort ?? '') === '' || binding.HostPort === '0',
    }));
  });
}

/** Takes the ports that a start needs, or fails with `port.inUse` and takes none. */
export function allocatePorts(world: World, container: FakeContainer): void {
  for (const binding of container.bindings) {
    if (binding.chosen) binding.hostPort = freePort(world);
    else if (inUse(world, container, binding)) throw portInUse(binding);
  }
}

function inUse(world: World, container: FakeContainer, wanted: Binding): boolean {
  if (world.occupiedPorts.has(wanted.hostPort)) return true;
  return runningBindings(world, container).some((held) => clash(held, wanted));
}

function runningBindings(world: World, except?: FakeContainer): Binding[] {
  return [...world.containers.values()]
    .filter((other) => other !== except && (other.state === 'running' || other.state === 'paused'))
    .flatMap((other) => other.bindings);
}

function clash(held: Binding, wanted: Binding): boolean {
  if (held.hostPort !== wanted.hostPort || held.protocol !== wanted.protocol) return false;
  return held.hostIp === wanted.hostIp || held.hostIp === EVERY_ADDRESS || wanted.hostIp === EVERY_ADDRESS;
}

function freePort(world: World): number {
  const taken = new Set([
    ...runningBindings(world).map((binding) => binding.hostPort),
    ...world.occupiedPorts,
  ]);
  let port = FIRST_EPHEMERAL_PORT;
  while (taken.has(port)) port++;
  return port;
}

function portInUse({ hostPort: port, protocol }: Binding): AppFailure {
  return new AppFailure({ kind: 'port.inUse', port, protocol, message: `Port ${port} is in use.` });
}
