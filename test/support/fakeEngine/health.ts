import type { Program } from './program.ts';
import { changed, type FakeContainer } from './state.ts';
import type { World } from './world.ts';

const NANOS_PER_MS = 1_000_000;
/** The engine's defaults, and how many results it keeps. Source: moby `daemon/health.go`. */
const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_RETRIES = 3;
const KEPT_RESULTS = 5;

/**
 * Probes as the engine does: the first one after an interval, then each an interval after the one before. A failure in the start
 * period does not count; `retries` in a row make it unhealthy, one success healthy. Only a change is an event.
 */
export function watchHealth(
  world: World,
  container: FakeContainer,
  program: Program,
  signal: AbortSignal,
): void {
  if (container.healthcheck === undefined) return;
  const interval = (container.healthcheck.Interval ?? 0) / NANOS_PER_MS || DEFAULT_INTERVAL_MS;
  const round = async (): Promise<void> => {
    for (;;) {
      await world.clock.sleep(interval, signal);
      if (container.state === 'running') probe(world, container, program);
    }
  };
  // Ends with the process, by the signal.
  round().catch(() => undefined);
}

function probe(world: World, container: FakeContainer, program: Program): void {
  const start = world.clock.now();
  const age = start - (container.startedAt ?? start);
  const command = (container.healthcheck?.Test ?? []).slice(1).join(' ');
  const result = program.probe?.(age) ?? scripted(program, age);
  const execId = world.newId();
  world.emitContainer(container, 'exec_create', { detail: command, attributes: { execID: execId } });
  world.emitContainer(container, 'exec_start', { detail: command, attributes: { execID: execId } });
  const attributes = { execID: execId, exitCode: String(result.exitCode) };
  world.emitContainer(container, 'exec_die', { attributes });
  container.healthLog.push({ start, end: world.clock.now(), ...result });
  if (container.healthLog.length > KEPT_RESULTS) container.healthLog.shift();
  note(world, container, result.exitCode === 0, age);
}

function scripted(program: Program, age: number): { exitCode: number; output: string } {
  const healthy = age >= (program.healthyAfterMs ?? 0);
  return healthy ? { exitCode: 0, output: '' } : { exitCode: 1, output: 'not ready yet\n' };
}

function note(world: World, container: FakeContainer, passed: boolean, age: number): void {
  const startPeriod = (container.healthcheck?.StartPeriod ?? 0) / NANOS_PER_MS;
  const retries = container.healthcheck?.Retries || DEFAULT_RETRIES;
  if (passed) container.failingStreak = 0;
  else if (container.health !== 'starting' || age >= startPeriod) container.failingStreak++;
  const next = passed ? 'healthy' : container.failingStreak >= retries ? 'unhealthy' : container.health;
  setHealth(world, container, next);
}

export function setHealth(world: World, container: FakeContainer, health: FakeContainer['health']): void {
  const isNews = container.health !== health;
  container.health = health;
  if (isNews) world.emitContainer(container, 'health_status', { detail: health });
  else changed(container);
}
