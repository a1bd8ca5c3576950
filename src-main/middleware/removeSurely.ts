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
