import { isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { asideName, parseJournal, SWITCH_LABEL, type SwitchJournal } from './journal.ts';
import type { SwitchWorld } from './world.ts';

export type Recovery =
  | { readonly type: 'nothing' }
  /** Another Slipway runs it now. */
  | { readonly type: 'busy'; readonly journal: SwitchJournal }
  | { readonly type: 'rolledBack'; readonly journal: SwitchJournal }
  | { readonly type: 'finished'; readonly journal: SwitchJournal };

/** After a start: finishes or rolls back a switch that was cut off, and says which. `isAlive`: does that process run? */
export async function recoverSwitch(
  world: SwitchWorld,
  service: string,
  isAlive: (pid: number) => boolean,
): Promise<Recovery> {
  const text = await world.files.readJournal(service);
  if (text === undefined) return { type: 'nothing' };
  const journal = parseJournal(text);
  if (isAlive(journal.pid)) return { type: 'busy', journal };
  if (journal.phase === 'begun' || journal.phase === 'verified') {
    await rollBack(world, journal);
    return { type: 'rolledBack', journal };
  }
  return finish(world, journal);
}

/** The choice stands: what is left is to have the new version running and the old container gone. */
async function finish(world: SwitchWorld, journal: SwitchJournal): Promise<Recovery> {
  await removeHelpers(world, journal);
  const old = journal.oldContainer;
  if (old && (await exists(world, old.id))) {
    await world.engine.stopContainer(old.id);
    await renameIfNeeded(world, old.id, asideName(old.name, journal.id));
  }
  try {
    await world.bootService({ service: journal.decision.service, without: old ? [old.id] : [] });
  } catch {
    // It does not come up: the old version does.
    await revert(world, journal);
    return { type: 'rolledBack', journal };
  }
  if (old) await world.engine.removeContainer(old.id, { force: true, anonymousVolumes: false });
  await world.files.writeJournal(journal.decision.service, undefined);
  return { type: 'finished', journal };
}

/** Before the commit: helpers and the half-made volume go, the choice was never written, the old container runs again. */
export async function rollBack(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  await removeHelpers(world, journal);
  if (journal.newVolume !== undefined) await removeOwnVolume(world, journal.newVolume);
  await restoreOld(world, journal);
}

/**
 * After the commit: the new version runs on, or failed on, data that may hold new writes. Its volume stays as a lane; the
 * choice is taken back and the old container runs again.
 */
export async function revert(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  await removeHelpers(world, journal);
  const project = world.project.name;
  const labels = [
    `com.docker.compose.project=${project}`,
    `com.docker.compose.service=${journal.decision.service}`,
  ];
  const replicas = await world.engine.listContainers({ all: true, labels });
  for (const replica of replicas) {
    if (replica.id === journal.oldContainer?.id) continue;
    await world.engine.stopContainer(replica.id);
    await world.engine.removeContainer(replica.id, { force: true, anonymousVolumes: false });
  }
  await restoreOld(world, journal);
}

async function restoreOld(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  await world.files.writeOverride(journal.overrideBefore);
  const old = journal.oldContainer;
  if (old && (await exists(world, old.id))) {
    await renameIfNeeded(world, old.id, old.name);
    if (old.wasRunning) await world.engine.startContainer(old.id);
  }
  await world.files.writeJournal(journal.decision.service, undefined);
}

async function removeHelpers(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  const helpers = await world.engine.listContainers({ all: true, labels: [`${SWITCH_LABEL}=${journal.id}`] });
  for (const helper of helpers) {
    await world.engine.stopContainer(helper.id, { graceSeconds: 60 });
    await world.engine.removeContainer(helper.id, { force: true, anonymousVolumes: true });
  }
}

/** Only a volume that the override of this switch would have made: it carries the project's label and our key. */
async function removeOwnVolume(world: SwitchWorld, name: string): Promise<void> {
  const volume = await world.engine.inspectVolume(name);
  if (volume && volume.labels['com.docker.compose.project'] === world.project.name)
    await world.engine.removeVolume(name);
}

async function exists(world: SwitchWorld, id: ContainerId): Promise<boolean> {
  try {
    await world.engine.inspectContainer(id);
    return true;
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return false;
    throw thrown;
  }
}

async function renameIfNeeded(world: SwitchWorld, id: ContainerId, name: string): Promise<void> {
  const { name: current } = await world.engine.inspectContainer(id);
  if (current !== name) await world.engine.renameContainer(id, name);
}
