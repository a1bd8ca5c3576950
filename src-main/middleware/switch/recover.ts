import type { Owner } from '#base/owner.ts';
import { isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import { formatLanes, parseLanes } from '../lane.ts';
import { removeSurely } from '../removeSurely.ts';
import { choiceTakenBack } from './chooseOverride.ts';
import { untilAnswering } from './helpers.ts';
import {
  asideName,
  formatJournal,
  type OldContainer,
  parseJournal,
  ROLE_LABEL,
  SWITCH_LABEL,
  type SwitchJournal,
  wasStartedSince,
} from './journal.ts';
import { lanesTakenBack } from './lanesAfter.ts';
import type { SwitchWorld } from './world.ts';

/** A version that never answered has taken no writes; an entrypoint that hears no signal must not hold up the way back. */
const FAILED_GRACE_SECONDS = 5;

export type Recovery =
  | { readonly type: 'nothing' }
  /** Another Slipway runs it now. */
  | { readonly type: 'busy'; readonly journal: SwitchJournal }
  | { readonly type: 'rolledBack'; readonly journal: SwitchJournal }
  | { readonly type: 'finished'; readonly journal: SwitchJournal };

/**
 * Finishes or rolls back a switch that was cut off, and says which. `isAlive`: does that process still work on it? What fails
 * here leaves the journal, so that the next try goes on: every part may be done twice.
 */
export async function recoverSwitch(
  world: SwitchWorld,
  service: string,
  isAlive: (owner: Owner) => Promise<boolean>,
): Promise<Recovery> {
  const text = await world.files.readJournal(service);
  if (text === undefined) return { type: 'nothing' };
  const journal = parseJournal(text);
  if (journal === 'torn') {
    await world.files.writeJournal(service, undefined);
    return { type: 'nothing' };
  }
  if (await isAlive(journal.owner)) return { type: 'busy', journal };
  switch (journal.phase) {
    case 'begun':
    case 'verified':
      await rollBack(world, journal);
      return { type: 'rolledBack', journal };
    case 'committed':
      return finish(world, journal);
    case 'ready':
      await cleanUp(world, journal);
      return { type: 'finished', journal };
  }
}

/** The choice stands: what is left is to have the new version running and the old container gone. */
async function finish(world: SwitchWorld, journal: SwitchJournal): Promise<Recovery> {
  await removeHelpers(world, journal);
  if (await ranMeanwhile(world, journal)) {
    await revert(world, journal);
    return { type: 'rolledBack', journal };
  }
  await setAside(world, journal);
  const old = journal.oldContainer;
  const { service } = journal.decision;
  try {
    const { answered } = await world.bootService({ service, without: old ? [old.id] : [] });
    if (!answered) await untilAnswering(world, journal);
  } catch (thrown) {
    // Without an engine neither version runs: there is nothing to judge.
    if (isKind(thrown, 'engine.unreachable', 'cancelled')) throw thrown;
    await revert(world, journal);
    return { type: 'rolledBack', journal };
  }
  await world.files.writeJournal(service, formatJournal({ ...journal, phase: 'ready' }));
  await cleanUp(world, journal);
  return { type: 'finished', journal };
}

/** Somebody else started the old container after its data was carried: only there is what was written since. */
async function ranMeanwhile(world: SwitchWorld, { oldContainer, decision }: SwitchJournal): Promise<boolean> {
  if (!oldContainer || decision.data !== 'carry') return false;
  const found = await inspect(world, oldContainer.id);
  return found !== undefined && wasStartedSince(oldContainer, found);
}

/** Stops the old container and takes it out of the new one's way. */
export async function setAside(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  const old = journal.oldContainer;
  const found = old && (await inspect(world, old.id));
  if (!old || !found) return;
  // No signal: a stop that is given up goes on in the engine, and could end a start that comes after it.
  await world.engine.stopContainer(old.id);
  if (old.restart) await world.engine.updateContainer(old.id, { restart: { name: 'no' } });
  const aside = asideName(old.name, journal.id);
  if (found.name !== aside) await world.engine.renameContainer(old.id, aside);
}

/** Takes the old container's name for the new one while the old one still runs. */
export async function makeRoom({ engine }: SwitchWorld, { id, oldContainer }: SwitchJournal): Promise<void> {
  if (oldContainer) await engine.renameContainer(oldContainer.id, asideName(oldContainer.name, id));
}

/** The new version has proven itself. An anonymous volume may be the old lane: it stays. */
export async function cleanUp(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  const old = journal.oldContainer;
  await Promise.all([
    removeHelpers(world, journal),
    old && removeSurely(world.engine, old.id, { anonymousVolumes: false }),
  ]);
  await world.files.writeJournal(journal.decision.service, undefined);
}

/** Before the commit: helpers and the half-made volume go, the choice is as it was, the old container runs again. */
export async function rollBack(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  await removeHelpers(world, journal);
  if (journal.newVolume !== undefined) await removeOwnVolume(world, journal.newVolume, journal.id);
  if (journal.phase !== 'begun') await restoreLanes(world, journal.lanesBefore);
  await restoreOld(world, journal);
}

/**
 * After the commit: the new version runs on, or failed on, data that may hold new writes. Its volume stays as a lane; the
 * choice is taken back and the old container runs again.
 */
export async function revert(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  await removeHelpers(world, journal);
  for (const replica of await replicas(world, journal)) {
    await world.engine.stopContainer(replica, { graceSeconds: FAILED_GRACE_SECONDS });
    await removeSurely(world.engine, replica, { anonymousVolumes: false });
  }
  const lanes = parseLanes(await world.files.readLanes());
  await world.files.writeLanes(formatLanes(lanesTakenBack(lanes, journal.decision)));
  await restoreOld(world, journal);
}

/** The service's containers apart from the old one. */
async function replicas(world: SwitchWorld, journal: SwitchJournal): Promise<readonly ContainerId[]> {
  const labels = [
    `com.docker.compose.project=${world.project.name}`,
    `com.docker.compose.service=${journal.decision.service}`,
  ];
  const found = await world.engine.listContainers({ all: true, labels });
  return found.map(({ id }) => id).filter((id) => id !== journal.oldContainer?.id);
}

async function restoreOld(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  const now = await world.files.readOverride();
  const back = overrideBack(journal, now);
  // Written only where it differs: a roll-back must work on a full disk, too.
  if (back !== now) await world.files.writeOverride(back);
  if (journal.oldContainer) await restoreContainer(world, journal.oldContainer);
  await world.files.writeJournal(journal.decision.service, undefined);
}

/** As it was before the choice, with what others have written into it since. */
function overrideBack(journal: SwitchJournal, now: string | undefined): string | undefined {
  const { phase, decision, overrideBefore: before, overrideAfter: after, lanesBefore } = journal;
  if (after === undefined && phase !== 'committed') return now;
  if (after === undefined || now === (after ?? undefined) || now === before) return before;
  return choiceTakenBack(now, before, decision, parseLanes(lanesBefore));
}

async function restoreContainer(world: SwitchWorld, old: OldContainer): Promise<void> {
  const found = await inspect(world, old.id);
  if (!found) return;
  if (found.name !== old.name) await world.engine.renameContainer(old.id, old.name);
  // A stop may still be on its way in the engine: another waits for it, and an update that meets its end fails. Who was
  // started since then was not stopped by us.
  if (old.wasRunning && !wasStartedSince(old, found)) await world.engine.stopContainer(old.id);
  if (old.restart) await world.engine.updateContainer(old.id, { restart: old.restart });
  if (!old.wasRunning) return;
  await world.engine.startContainer(old.id);
}

async function restoreLanes(world: SwitchWorld, before: string | undefined): Promise<void> {
  const now = await world.files.readLanes();
  if (now !== before) await world.files.writeLanes(before ?? formatLanes([]));
}

/**
 * Nothing that helpers work on is wanted any more: the source has a copy, and the target's data goes with it or was complete
 * before. So they are not waited for; an entrypoint that is still making a database hears no signal.
 */
async function removeHelpers(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  const { engine } = world;
  const labels = [`${SWITCH_LABEL}=${journal.id}`];
  const helpers = await engine.listContainers({ all: true, labels });
  await Promise.all(helpers.map(({ id }) => removeSurely(engine, id, { anonymousVolumes: true })));
  const volumes = await engine.listVolumes({ labels });
  const passing = volumes.filter((volume) => volume.labels[ROLE_LABEL] !== undefined);
  await Promise.all(passing.map(({ name }) => engine.removeVolume(name)));
}

/** Only the volume that this very switch has made: one that was there before has another label or none. */
async function removeOwnVolume(world: SwitchWorld, name: string, id: string): Promise<void> {
  const volume = await world.engine.inspectVolume(name);
  if (volume?.labels[SWITCH_LABEL] === id) await world.engine.removeVolume(name);
}

async function inspect(world: SwitchWorld, id: ContainerId): Promise<ContainerDetails | undefined> {
  try {
    return await world.engine.inspectContainer(id);
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return undefined;
    throw thrown;
  }
}
