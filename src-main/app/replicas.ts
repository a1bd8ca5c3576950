import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { missing } from './requestBase.ts';

/** The replica of that number, or the one that runs, or any. Throws `notFound`. */
export function oneReplica(
  replicas: readonly ObservedContainer[],
  { service, number }: { readonly service: string; readonly number?: number | undefined },
): ObservedContainer {
  const found =
    number === undefined
      ? (replicas.find((entry) => entry.state === 'running') ?? replicas[0])
      : replicas.find((entry) => entry.number === number);
  if (found !== undefined) return found;
  throw missing(
    `container of ${service}`,
    `${service} has no container${number === undefined ? '' : ` ${number}`}.`,
  );
}

/** Pauses those that run. */
export async function pauseAll(engine: Engine, replicas: readonly ObservedContainer[]): Promise<void> {
  const running = replicas.filter(({ state }) => state === 'running');
  await Promise.all(running.map(({ id }) => engine.pauseContainer(id)));
}

/** Lets those that are paused go on. */
export async function unpauseAll(engine: Engine, replicas: readonly ObservedContainer[]): Promise<void> {
  const paused = replicas.filter(({ state }) => state === 'paused');
  await Promise.all(paused.map(({ id }) => engine.unpauseContainer(id)));
}
