import type { Clock } from '#base/clock.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { isPortFree } from '../portHolder.ts';
import { missing } from '../requestBase.ts';
import { isHere } from '../withHolder.ts';
import type { Asked, BootAfter, FixContext } from './fixContext.ts';
import { requireConsentTo } from './fixContext.ts';
import { type Listener, listenersOn } from './listeners.ts';

/** A program that was asked to end gets so long to let its port go; then it is said that it did not. */
const GIVE_UP_AFTER_MS = 10_000;
const LOOK_AGAIN_MS = 100;

/** Stops what holds a port: a container, or a program that is asked to end. Only after it was named and agreed to. */
export async function stopHolder(context: FixContext, asked: Asked): Promise<BootAfter> {
  const [number = '', protocol = 'tcp'] = asked.argument.split('/');
  const port = Number(number);
  const engine = context.engine();
  const containers = await engine.listContainers({ all: false });
  const container = containers.find(({ ports }) =>
    ports.some((entry) => entry.hostPort === port && entry.protocol === protocol),
  );
  if (container !== undefined) await stopContainer(engine, container, port, asked);
  else
    await endProgram(await onThisMachine(engine, port, protocol), port, { ...asked, clock: context.clock });
  return {};
}

async function stopContainer(
  engine: Engine,
  container: ContainerSummary,
  port: number,
  asked: Asked,
): Promise<void> {
  requireConsentTo([`container ${container.name}`], asked, {
    message: `The container ${container.name} publishes port ${port}. It is stopped, not removed.`,
    hint: `docker start ${container.name} brings it back.`,
  });
  await engine.stopContainer(container.id);
}

/** Ports of an engine elsewhere are held there, where nobody here can look. */
async function onThisMachine(engine: Engine, port: number, protocol: string): Promise<readonly Listener[]> {
  return (await isHere(engine)) ? listenersOn(port, protocol) : [];
}

async function endProgram(
  found: readonly Listener[],
  port: number,
  asked: Asked & { readonly clock: Clock },
): Promise<void> {
  const listeners = found.filter(({ pid }) => pid !== process.pid);
  if (listeners.length === 0) {
    throw missing(`holder of port ${port}`, `Nobody can be found who holds port ${port}; try again.`);
  }
  const system = listeners.find(({ program }) => BELONGS_TO_THE_ENGINE.test(program));
  if (system !== undefined) {
    throw new AppFailure({
      kind: 'engine.denied',
      message: `${system.program} holds port ${port}: it serves the engine itself.`,
    });
  }
  requireConsentTo(listeners.map(nameOf), asked, {
    message: `${listeners.map(nameOf).join(' and ')} listens on port ${port}. It is asked to end (SIGTERM).`,
    hint: 'What it has not saved is lost.',
  });
  for (const { pid } of listeners) process.kill(pid, 'SIGTERM');
  await untilFree(port, asked.clock);
}

/** Ending one of these takes every container along. */
const BELONGS_TO_THE_ENGINE =
  /^(?:docker|containerd|com\.docker|rootlesskit|slirp4netns|podman|conmon|colima|lima|vpnkit)/i;

function nameOf({ pid, program }: Listener): string {
  return `process ${pid} (${program})`;
}

async function untilFree(port: number, clock: Clock): Promise<void> {
  const until = clock.monotonic() + GIVE_UP_AFTER_MS;
  while (!(await isPortFree(port))) {
    if (clock.monotonic() > until) {
      throw new AppFailure({
        kind: 'port.inUse',
        port,
        protocol: 'tcp',
        message: `Port ${port} is still in use: the program did not end.`,
      });
    }
    await clock.sleep(LOOK_AGAIN_MS);
  }
}
