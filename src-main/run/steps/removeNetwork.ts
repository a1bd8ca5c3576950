import { isKind } from '#contract/errors.ts';
import type { RemoveNetworkStep } from '#plan/plan.ts';
import type { StepContext } from './stepContext.ts';

/**
 * A network that somebody else still uses stays, as with docker compose; and engines sometimes count an end of it that is gone,
 * until they are started again. An empty network does no harm, and the next boot takes it as it is.
 */
export const NETWORK_STAYS = 'stays: the engine says that it is still in use';

/** Removes a network. One that is in use though no container is on it would be tomorrow, too: it stays, and that is the note. */
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
    if (isInUse(thrown) && !(await isJoined(step.name, context))) return NETWORK_STAYS;
    throw thrown;
  }
}

/** The engine's answer where something is on a network: it may be on its way out. */
export function isInUse(thrown: unknown): boolean {
  return isKind(thrown, 'engine.failed') && thrown.error.transient;
}

async function isJoined(network: string, { engine, signal }: StepContext): Promise<boolean> {
  const containers = await engine.listContainers({ all: true, signal });
  return containers.some(({ networks }) => networks.includes(network));
}
