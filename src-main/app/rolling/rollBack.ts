import { isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import { demultiplex } from '#engine/demux.ts';
import type { Engine } from '#engine/engine.ts';
import type { Replacement } from './replacementPlan.ts';

/**
 * After a replacement that failed or was cancelled: new containers whose old one is still there go, and the old one runs again
 * where it ran before. What was replaced in full stays. Gives a sentence for each, or for what could not be done.
 */
export async function rollBack(
  engine: Engine,
  replacements: readonly Replacement[],
): Promise<{ readonly said: readonly string[]; readonly lastLines: readonly string[] }> {
  const said: string[] = [];
  const lastLines: string[] = [];
  for (const replacement of replacements) {
    const [created] = await engine.listContainers({ all: true, names: [replacement.temporaryName] });
    // Its lines go with it: they are what says why it did not get ready.
    if (created !== undefined) lastLines.push(...(await lastLinesOf(engine, created.id)));
    const sentence = await rollBackOne(engine, replacement, created);
    if (sentence !== undefined) said.push(sentence);
  }
  return { said, lastLines };
}

/** Lines of a container that failed: enough for the reason, short enough for a sentence beside them. */
const LAST_LINES = 10;

async function lastLinesOf(engine: Engine, id: ContainerId): Promise<readonly string[]> {
  const { tty } = await engine.inspectContainer(id);
  const logs = await engine.openLogs(id, { follow: false, tail: LAST_LINES, timestamps: false });
  const decoder = new TextDecoder();
  let text = '';
  if (tty) for await (const chunk of logs) text += decoder.decode(chunk, { stream: true });
  else for await (const { bytes } of demultiplex(logs)) text += decoder.decode(bytes, { stream: true });
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .slice(-LAST_LINES);
}

async function rollBackOne(
  engine: Engine,
  { old }: Replacement,
  replacement: ContainerSummary | undefined,
): Promise<string | undefined> {
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
