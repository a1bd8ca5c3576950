import { isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';

/**
 * Removes a container and resolves when it is gone, also where somebody else is at it: a process that was killed leaves its
 * removal to the engine, which refuses a second one meanwhile.
 */
export async function removeSurely(
  engine: Engine,
  id: ContainerId,
  { anonymousVolumes }: { readonly anonymousVolumes: boolean },
): Promise<void> {
  try {
    await engine.removeContainer(id, { force: true, anonymousVolumes });
  } catch (thrown) {
    if (!isKind(thrown, 'engine.conflict')) throw thrown;
    await untilGone(engine, id);
  }
}

async function untilGone(engine: Engine, id: ContainerId): Promise<void> {
  try {
    await engine.waitContainer(id, { condition: 'removed' });
  } catch (thrown) {
    if (!isKind(thrown, 'engine.notFound')) throw thrown;
  }
}

/**
 * Has a helper removed while the work goes on: with its file system the engine has everything that was written sent to the disk,
 * and answers only then. What could not be removed goes with the next clean-up, which finds it by its label.
 */
export function removeLater(engine: Engine, id: ContainerId): void {
  engine.removeContainer(id, { force: true, anonymousVolumes: true }).catch(() => undefined);
}
