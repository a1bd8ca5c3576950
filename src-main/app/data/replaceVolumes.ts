import { volumeHash } from '#compose/configHash.ts';
import type { Project } from '#compose/project.ts';
import { toAppError } from '#contract/errors.ts';
import type { VolumeBody } from '#engine/bodies.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import { removeSurely } from '#middleware/removeSurely.ts';
import { volumeBody } from '#plan/containerBody/resourceBodies.ts';
import type { Checkpoint, CheckpointVolume } from './checkpoint.ts';
import { checkFile, fillVolume } from './copyVolume.ts';
import { anyImage, type DataContext, lookAtVolumes } from './dataContext.ts';
import { overrideBack } from './overrideBack.ts';
import type { ReplaceJournal } from './replaceJournal.ts';
import { isAnonymous, type VolumeFacts } from './volumeUse.ts';

export type Tell = (progress: {
  readonly text: string;
  readonly bytes?: number;
  readonly total?: number;
}) => void;

/**
 * Deletes volumes and puts in what the journal names. Everything may be done twice: it is also how a replacement that was cut
 * off is finished. Ends with the journal gone; the services are not started yet.
 */
export async function replaceVolumes(
  context: DataContext,
  journal: ReplaceJournal,
  tell: Tell,
): Promise<void> {
  const from = journal.from === undefined ? undefined : await context.store().get(journal.from);
  await removeUsers(context, journal);
  for (const name of journal.volumes) {
    tell({ text: `removing ${name}` });
    if (await context.engine().inspectVolume(name)) await context.engine().removeVolume(name);
  }
  if (from) {
    const { volumes, asBefore = false } = journal;
    await fillAll(context, from, { tell, asBefore, volumes });
    await versionsBack(context, from, journal.versionsOf);
  }
  await context.journal.write(undefined);
}

/** What cannot be put in again must not make anything go. Throws before anything is touched. */
export async function requireWhole(context: DataContext, checkpoint: Checkpoint): Promise<void> {
  const store = context.store();
  for (const volume of checkpoint.volumes) await checkFile(store.file(checkpoint, volume.file), volume);
}

/** A volume that a container names cannot be removed, be it stopped; the services' start makes containers anew. */
async function removeUsers(context: DataContext, journal: ReplaceJournal): Promise<void> {
  const engine = context.engine();
  const facts = await lookAtVolumes(context);
  for (const container of usersOf(facts, journal.volumes)) {
    if (container.state !== 'removing') await engine.stopContainer(container.id);
    await removeSurely(engine, container.id, { anonymousVolumes: false });
  }
}

export function usersOf(facts: VolumeFacts, volumes: readonly string[]): readonly ContainerSummary[] {
  return facts.containers.filter(({ mounts }) =>
    mounts.some((mount) => mount.type === 'volume' && volumes.includes(mount.name ?? '')),
  );
}

interface FillAll {
  readonly tell: Tell;
  readonly asBefore: boolean;
  /** Those that were deleted to be filled; what else the checkpoint holds is left alone. */
  readonly volumes: readonly string[];
}

async function fillAll(
  context: DataContext,
  from: Checkpoint,
  { tell, asBefore, volumes }: FillAll,
): Promise<void> {
  const engine = context.engine();
  const project = context.project();
  const image = await anyImage(engine, project);
  const wanted = from.volumes
    .map((volume) => ({ volume, name: nameHere(from, volume, project) }))
    .filter(({ name }) => volumes.includes(name));
  const total = wanted.reduce((sum, { volume }) => sum + volume.bytes, 0);
  let before = 0;
  for (const { volume, name } of wanted) {
    const body = asBefore ? { Name: name, Labels: volume.labels } : bodyOf(project, name, from, volume);
    await engine.createVolume(body);
    await fillVolume(
      {
        engine,
        volume: name,
        image,
        newId: context.newId,
        onBytes: (bytes) => tell({ text: name, bytes: before + bytes, total }),
      },
      context.store().file(from, volume.file),
      volume,
    );
    before += volume.bytes;
  }
}

/** A checkpoint of the same files under another name: `shop_pgdata` is `shop2_pgdata` there. */
export function nameHere(from: Checkpoint, volume: CheckpointVolume, project: Project): string {
  if (from.project === project.name || !volume.name.startsWith(`${from.project}_`)) return volume.name;
  return project.name + volume.name.slice(from.project.length);
}

/**
 * As the files define it, so that compose adopts it. What a checkpoint says of drivers and their options is not asked: it
 * may come from somebody else, and options can name any folder of this machine.
 */
function bodyOf(project: Project, name: string, from: Checkpoint, volume: CheckpointVolume): VolumeBody {
  const declared = Object.entries(project.volumes).find(
    ([, entry]) => entry.name === name && !entry.external,
  );
  if (declared) {
    const [key, definition] = declared;
    return volumeBody(project, key, { volume: definition, hash: volumeHash(definition) });
  }
  const known = ['com.docker.compose.volume', 'com.docker.compose.version', 'com.docker.compose.config-hash'];
  const labels = known.flatMap((label) => {
    const value = volume.labels[label];
    return value === undefined ? [] : [[label, value] as const];
  });
  const owner = volume.labels['com.docker.compose.project'] === from.project && {
    'com.docker.compose.project': project.name,
  };
  return { Name: name, Labels: { ...Object.fromEntries(labels), ...owner } };
}

/** Data of an earlier version wants that version to open it. */
async function versionsBack(
  context: DataContext,
  from: Checkpoint,
  services: readonly string[],
): Promise<void> {
  if (services.length === 0 || from.project !== context.project().name) return;
  const files = context.files();
  const now = await files.readOverride();
  const next = overrideBack(now, from.override, services);
  if (next !== now) await files.writeOverride(next);
  await context.reload();
}

/** Why a volume cannot be put back under its name; undefined where it can. */
export function whyNotRestored(from: Checkpoint): string | undefined {
  const anonymous = from.volumes.every(({ name }) => isAnonymous(name));
  return anonymous ? 'It held only unnamed volumes, which belong to a container that is gone.' : undefined;
}

/** The first failure, and where the data is. */
export function withWhere(thrown: unknown, kept: Checkpoint | undefined) {
  const error = toAppError(thrown);
  return kept === undefined ? error : { ...error, hint: `What was there is in the bin: ${kept.name}.` };
}
