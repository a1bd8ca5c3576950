import { AppFailure } from '#contract/errors.ts';
import { watchHealth } from './health.ts';
import { allocatePorts } from './ports.ts';
import type { Program } from './program.ts';
import { changed, type FakeContainer, until } from './state.ts';
import { notFound, type World } from './world.ts';

const DEFAULT_GRACE_SECONDS = 10;
/** The engine's first pause before it starts a container again; it doubles up to a minute. */
const RESTART_DELAY_MS = 100;
const LONGEST_RESTART_DELAY_MS = 60_000;

/** `docker start`: the checks the engine makes, then the run. Already running is success and says nothing. */
export function startProcess(world: World, container: FakeContainer): void {
  if (container.state === 'running' || container.state === 'paused') return;
  container.stopped = false;
  try {
    for (const endpoint of container.endpoints.values()) world.network(endpoint.network);
    for (const mount of container.mounts) {
      if (mount.name !== undefined && !world.volumes.has(mount.name)) throw notFound('volume', mount.name);
    }
    allocatePorts(world, container);
    container.runs++;
    const program = world.program(container);
    if (program.startError !== undefined) throw new AppFailure(program.startError);
    run(world, container, program);
  } catch (thrown) {
    // As the engine does: it stays created, with the reason noted.
    container.exitCode = 128;
    container.error = thrown instanceof Error ? thrown.message : String(thrown);
    throw thrown;
  }
}

function run(world: World, container: FakeContainer, program: Program): void {
  const running = new AbortController();
  container.running = running;
  container.state = 'running';
  const startedAt = world.clock.now();
  container.startedAt = startedAt;
  container.finishedAt = undefined;
  container.exitCode = 0;
  container.error = '';
  container.health = container.healthcheck === undefined ? 'none' : 'starting';
  container.failingStreak = 0;
  container.healthLog.length = 0;
  connectNetworks(world, container);
  world.emitContainer(container, 'start');
  for (const { atMs, text, stream } of program.output ?? []) {
    later(world, running.signal, atMs, () => {
      container.logs.append(stream ?? 'stdout', text, startedAt + atMs);
      changed(container);
    });
  }
  watchHealth(world, container, program, running.signal);
  const exit = program.exit;
  if (exit !== undefined) later(world, running.signal, exit.atMs, () => exited(world, container, exit.code));
}

/** Runs `act` after `ms` of the fake's clock, unless the process has ended by then. */
export function later(world: World, signal: AbortSignal, ms: number, act: () => void): void {
  if (!Number.isFinite(ms)) return;
  world.clock.sleep(ms, signal).then(act, () => undefined);
}

/** Process 1 has ended. The order is the engine's: die, then the networks, then what the restart policy says. */
export function exited(world: World, container: FakeContainer, code: number): void {
  if (container.running === undefined) return;
  container.running.abort();
  container.running = undefined;
  container.state = 'exited';
  container.exitCode = code;
  container.finishedAt = world.clock.now();
  if (container.health !== 'none') container.health = 'unhealthy';
  container.input.length = 0;
  world.emitContainer(container, 'die', { attributes: { exitCode: String(code) } });
  disconnectNetworks(world, container);
  if (container.body.HostConfig?.['AutoRemove'] === true) removeNow(world, container);
  else if (restarts(container)) restartLater(world, container);
}

function restarts(container: FakeContainer): boolean {
  const policy = container.body.HostConfig?.RestartPolicy;
  if (container.stopped || policy === undefined) return false;
  if (policy.Name === 'always' || policy.Name === 'unless-stopped') return true;
  if (policy.Name !== 'on-failure' || container.exitCode === 0) return false;
  const most = policy.MaximumRetryCount ?? 0;
  return most === 0 || container.restartCount < most;
}

function restartLater(world: World, container: FakeContainer): void {
  const wait = Math.min(RESTART_DELAY_MS * 2 ** container.restartCount, LONGEST_RESTART_DELAY_MS);
  container.state = 'restarting';
  container.restartCount++;
  const pending = new AbortController();
  container.running = pending;
  later(world, pending.signal, wait, () => {
    container.running = undefined;
    try {
      startProcess(world, container);
    } catch {
      // Noted in the container by startProcess, as the engine does for a restart that fails.
      container.state = 'exited';
    }
  });
}

/** Ends the process with a signal, as the engine does it: kill event first, the end after what the program needs for it. */
export function signalProcess(world: World, container: FakeContainer, signalName: string): void {
  world.emitContainer(container, 'kill', { attributes: { signal: signalNumber(signalName) } });
  const running = container.running;
  if (running === undefined) return;
  const reaction = reactionTo(signalName, world.program(container));
  if (reaction === 'ignores') return;
  if (reaction.afterMs === 0) exited(world, container, reaction.code);
  else later(world, running.signal, reaction.afterMs, () => exited(world, container, reaction.code));
}

function reactionTo(signalName: string, program: Program): NonNullable<Program['onTerminate']> {
  if (/^(SIG)?KILL$|^9$/.test(signalName)) return { afterMs: 0, code: 137 };
  if (/^(SIG)?(HUP|USR1|USR2|WINCH|CONT)$/.test(signalName)) return 'ignores';
  return program.onTerminate ?? { afterMs: 0, code: 143 };
}

const NUMBERS: Readonly<Record<string, string>> = {
  TERM: '15',
  KILL: '9',
  INT: '2',
  QUIT: '3',
  HUP: '1',
  USR1: '10',
  USR2: '12',
};

function signalNumber(name: string): string {
  return NUMBERS[name.replace(/^SIG/, '')] ?? name;
}

/** `docker stop`: resolves when it has stopped. */
export async function stopProcess(
  world: World,
  container: FakeContainer,
  options: { readonly graceSeconds?: number | undefined; readonly signalName?: string | undefined },
): Promise<void> {
  container.stopped = true;
  if (container.state === 'restarting') return giveUpRestart(world, container);
  const running = container.running;
  if (running === undefined) return;
  if (container.state === 'paused') container.state = 'running';
  const grace = options.graceSeconds ?? container.body.StopTimeout ?? DEFAULT_GRACE_SECONDS;
  const signalName =
    options.signalName ?? container.body.StopSignal ?? (container.image.config.StopSignal || 'SIGTERM');
  signalProcess(world, container, signalName);
  if (grace >= 0) {
    later(world, running.signal, grace * 1000, () => signalProcess(world, container, 'SIGKILL'));
  }
  await until(container, () => running.signal.aborted);
  if (!container.removed) world.emitContainer(container, 'stop');
}

function giveUpRestart(world: World, container: FakeContainer): void {
  container.running?.abort();
  container.running = undefined;
  container.state = 'exited';
  world.emitContainer(container, 'stop');
}

/** `docker kill`. Stopped is a conflict, as with the engine. */
export async function killProcess(world: World, container: FakeContainer, signalName: string): Promise<void> {
  const running = container.running;
  if (running === undefined || container.state === 'restarting') {
    throw failedKill(container);
  }
  const fatal = /^(SIG)?KILL$|^9$/.test(signalName);
  if (fatal) container.stopped = true;
  signalProcess(world, container, signalName);
}

function failedKill(container: FakeContainer): AppFailure {
  const message = `Container ${container.id} is not running.`;
  return new AppFailure({ kind: 'engine.conflict', what: 'container', id: container.id, message });
}

/** Takes a container away that does not run (any more). */
export function removeNow(world: World, container: FakeContainer, anonymousVolumes = false): void {
  container.running?.abort();
  container.running = undefined;
  container.removed = true;
  world.containers.delete(container.id);
  world.emitContainer(container, 'destroy');
  if (!anonymousVolumes) return;
  for (const mount of container.mounts) {
    if (!mount.anonymous || mount.name === undefined) continue;
    world.volumes.delete(mount.name);
    world.emit({ type: 'volume', action: 'destroy', id: mount.name, attributes: { driver: 'local' } });
  }
}

function connectNetworks(world: World, container: FakeContainer): void {
  for (const endpoint of container.endpoints.values()) {
    const network = world.network(endpoint.network);
    endpoint.ip = `172.18.0.${2 + ([...world.containers.keys()].indexOf(container.id) % 250)}`;
    emitNetwork(world, 'connect', network.id, endpoint.network, container);
  }
}

function disconnectNetworks(world: World, container: FakeContainer): void {
  for (const endpoint of container.endpoints.values()) {
    endpoint.ip = '';
    const network = [...world.networks.values()].find(({ body }) => body.Name === endpoint.network);
    if (network !== undefined) emitNetwork(world, 'disconnect', network.id, endpoint.network, container);
  }
}

export function emitNetwork(
  world: World,
  action: string,
  id: string,
  name: string,
  container?: FakeContainer,
): void {
  const attributes = {
    name,
    type: 'bridge',
    ...(container === undefined ? {} : { container: container.id }),
  };
  world.emit({ type: 'network', action, id, attributes });
}

/** `oom`, then the end that the kernel makes. */
export function outOfMemory(world: World, container: FakeContainer): void {
  container.oomKilled = true;
  world.emitContainer(container, 'oom');
  exited(world, container, 137);
}

export function mustRun(container: FakeContainer): void {
  if (container.state === 'running') return;
  const word = container.state === 'paused' ? 'paused' : 'not running';
  const message = `Container ${container.id} is ${word}.`;
  throw new AppFailure({ kind: 'engine.conflict', what: 'container', id: container.id, message });
}
