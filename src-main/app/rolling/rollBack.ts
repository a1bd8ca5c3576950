import { isKind } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import type { Replacement } from './replacementPlan.ts';

/**
 * After a replacement that failed or was cancelled: new containers whose old one is still there go, and the old one runs again
 * where it ran before. What was replaced in full stays. Gives a sentence for each, or for what could not be done.
 */
export async function rollBack(
  engine: Engine,
  replacements: readonly Replacement[],
): Promise<readonly string[]> {
  const said: string[] = [];
  for (const replacement of replacements) {
    const sentence = await rollBackOne(engine, replacement);
    if (sentence !== undefined) said.push(sentence);
  }
  return said;
}

async function rollBackOne(engine: Engine, { old, temporaryName }: Replacement): Promise<string | undefined> {
  const [replacement] = await engine.listContainers({ all: true, names: [temporaryName] });
  const before = await present(engine, old.id);
  // Without the old one the new one is all there is.
  if (before === undefined) return undefined;
  if (replacement !== undefined) await engine.removeContainer(replacement.id, { force: true });
  const ran = old.state === 'running' || old.state === 'restarting';
  if (!ran || before.state === 'running') return replacement && `${old.name} was left running.`;
  await engine.startContainer(before.id);
  return `${old.name} runs again.`;
}

async function present(engine: Engine, id: Replacement['old']['id']) {
  try {
    return await engine.inspectContainer(id);
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return undefined;
    throw thrown;
  }
}
