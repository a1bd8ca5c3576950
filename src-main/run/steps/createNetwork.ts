import { LABELS } from '#compose/labels.ts';
import { isKind } from '#contract/errors.ts';
import type { NetworkSummary } from '#engine/storage.ts';
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
  const kept = await keepOneNetwork(name, context);
  return kept !== undefined && kept !== id;
}

/**
 * Leaves one network of a name: the oldest. What is joined to another one is moved over first, so that no half of a stack
 * is cut off from the other. Gives the id of the one that is left.
 */
export async function keepOneNetwork(name: string, context: StepContext): Promise<string | undefined> {
  const [kept, ...others] = (await sameName(name, context)).sort(
    (a, b) => a.created - b.created || (a.id < b.id ? -1 : 1),
  );
  if (kept === undefined) return undefined;
  for (const other of others) {
    await moveContainers(other, kept, context);
    await ifStillThere(context.engine.removeNetwork(other.id, { signal: context.signal }));
  }
  return kept.id;
}

async function moveContainers(from: NetworkSummary, to: NetworkSummary, context: StepContext): Promise<void> {
  const { engine, signal } = context;
  const labels = [`${LABELS.project}=${from.labels[LABELS.project] ?? ''}`];
  for (const { id } of await engine.listContainers({ all: true, labels, signal })) {
    const endpoint = (await ifStillThere(engine.inspectContainer(id, { signal })))?.networkEndpoints[
      from.name
    ];
    if (endpoint?.networkId !== from.id) continue;
    await ifStillThere(engine.disconnectNetwork(from.id, id, { force: true, signal }));
    await ifStillThere(engine.connectNetwork(to.id, id, { Aliases: endpoint.aliases }, { signal }));
  }
}

/** Others work on the same objects: what they were faster with is done. */
async function ifStillThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound', 'engine.conflict', 'engine.denied', 'engine.failed'))
      return undefined;
    throw thrown;
  }
}

async function sameName(name: string, context: StepContext): Promise<NetworkSummary[]> {
  const found = await context.engine.listNetworks({ names: [name], signal: context.signal });
  // The engine's filter takes a part of a name for the name.
  return found.filter((network) => network.name === name);
}
