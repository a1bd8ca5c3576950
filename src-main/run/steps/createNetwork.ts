import { isKind } from '#contract/errors.ts';
import type { NetworkSummary } from '#engine/engine.ts';
import type { CreateNetworkStep } from '#plan/plan.ts';
import type { StepContext } from './stepContext.ts';

const BY_ANOTHER = 'was made by another in the meantime';

/** Creates a network. Somebody else may have made the same one meanwhile: then it is there, which is all that was asked. */
export async function createNetwork(
  step: CreateNetworkStep,
  context: StepContext,
): Promise<string | undefined> {
  const { engine, signal } = context;
  try {
    const { id } = await engine.createNetwork(step.body, { signal });
    return (await giveWay(step.body.Name, id, context)) ? BY_ANOTHER : undefined;
  } catch (thrown) {
    if (!isKind(thrown, 'engine.conflict')) throw thrown;
    if ((await sameName(step.body.Name, context)).length === 0) throw thrown;
    return BY_ANOTHER;
  }
}

/**
 * The engine looks for the name and then creates, without a lock (moby, daemon/network.go): two that come at once both
 * get one, and the name is no use to anybody. So the younger one goes. True when that was ours.
 */
async function giveWay(name: string, id: string, context: StepContext): Promise<boolean> {
  const [oldest, ...younger] = (await sameName(name, context)).sort(
    (a, b) => a.created - b.created || (a.id < b.id ? -1 : 1),
  );
  for (const network of younger) {
    try {
      await context.engine.removeNetwork(network.id, { signal: context.signal });
    } catch (thrown) {
      // The other one was faster to remove it.
      if (!isKind(thrown, 'engine.notFound')) throw thrown;
    }
  }
  return oldest !== undefined && oldest.id !== id;
}

async function sameName(name: string, context: StepContext): Promise<NetworkSummary[]> {
  const found = await context.engine.listNetworks({ names: [name], signal: context.signal });
  // The engine's filter takes a part of a name for the name.
  return found.filter((network) => network.name === name);
}
