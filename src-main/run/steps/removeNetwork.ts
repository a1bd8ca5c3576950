import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { RemoveNetworkStep } from '#plan/plan.ts';
import type { StepContext } from './stepContext.ts';

/**
 * A network that somebody else still uses stays, as with docker compose; and engines sometimes count an end of it that is gone,
 * until they are started again. An empty network does no harm, and the next boot takes it as it is.
 */
export const NETWORK_STAYS = 'stays: the engine says that it is still in use';

/** Removes a network. One that is in use though no container is on it would be tomorrow, too: it stays, as of `stays`. */
export async function removeNetwork(
  step: RemoveNetworkStep,
  context: StepContext,
): Promise<string | undefined> {
  const { engine, signal } = context;
  try {
    await engine.removeNetwork(step.id, { signal });
    return undefined;
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return 'was gone already';
    if (isInUse(thrown) && (await joined(step.name, context)).length === 0) return stays(step, context);
    throw thrown;
  }
}

/** The engine's answer where something is on a network: it may be on its way out. */
export function isInUse(thrown: unknown): boolean {
  return isKind(thrown, 'engine.failed') && thrown.error.transient;
}

/** The note for one that stays. Where a new one was to take its place, that is a failure, which names who is in the way. */
export async function stays(step: RemoveNetworkStep, context: StepContext): Promise<string> {
  const { name } = step;
  if (step.replaced !== true) return NETWORK_STAYS;
  const there = await joined(name, context);
  const running = there.filter(({ state }) => state !== 'exited' && state !== 'created');
  const [first, ...more] = (running.length > 0 ? running : there).map((container) => container.name);
  const others = more.length === 0 ? '' : ` and ${more.join(', ')}`;
  const why = first
    ? `${first}${others} is on it`
    : 'the engine says that it is in use, though nothing is on it';
  throw new AppFailure({
    kind: 'engine.conflict',
    what: 'network',
    id: name,
    message: `The definition of network ${name} has changed, and it cannot be made anew: ${why}.`,
    hint: first
      ? `Take it off and boot again: docker network disconnect ${name} ${first}`
      : 'Start the engine anew and boot again.',
  });
}

async function joined(
  network: string,
  { engine, signal }: StepContext,
): Promise<readonly ContainerSummary[]> {
  const containers = await engine.listContainers({ all: true, signal });
  return containers.filter(({ networks }) => networks.includes(network));
}
