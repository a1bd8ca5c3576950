import path from 'node:path';
import type { CheckpointReason } from '#contract/requests/data.ts';
import type { Engine } from '#engine/engine.ts';
import type { VolumeSummary } from '#engine/storage.ts';
import { type Checkpoint, type CheckpointVolume, keptUntil } from './checkpoint.ts';
import { removeLeftHelpers } from './copyHelpers.ts';
import { isEmptyCopy, type SavedVolume, saveVolume, type VolumeAccess } from './copyVolume.ts';
import { anyImage, type DataContext } from './dataContext.ts';
import { TarHelper } from './tarHelper.ts';
import { serviceOf, type VolumeFacts, volumeViews } from './volumeUse.ts';

export interface TakeCheckpoint {
  readonly name: string;
  readonly reason: CheckpointReason;
  readonly seed: boolean;
  readonly facts: VolumeFacts;
  readonly volumes: readonly VolumeSummary[];
  /** Copies at once are one after the other: `bytes` counts through all of them. */
  readonly onBytes: (bytes: number, volume: string) => void;
  /** Runs the copy while nothing writes; without it, who writes has been stopped before. */
  readonly quiet?: (<T>(copy: () => Promise<T>) => Promise<T>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies volumes into a new checkpoint, as they are. What needs no quiet (a helper to copy with, checksums, having it on disk)
 * is done before and after. Undefined where the bin
 * would keep nothing. A failure leaves no half checkpoint.
 */
export async function takeCheckpoint(
  context: DataContext,
  request: TakeCheckpoint,
): Promise<Checkpoint | undefined> {
  const store = context.store();
  const id = context.newId();
  const folder = await store.begin(id);
  try {
    const volumes = await copyAll(context, request, folder);
    const keep = request.reason === 'asked' ? volumes : volumes.filter((volume) => !isEmptyCopy(volume));
    if (keep.length === 0 && request.reason !== 'asked') {
      await store.drop(id);
      return undefined;
    }
    const checkpoint = await describe(context, request, { id, volumes: keep });
    await store.keep(checkpoint, { flush: mustBeOnDisk(request) });
    return checkpoint;
  } catch (thrown) {
    await store.drop(id);
    throw thrown;
  }
}

async function copyAll(
  context: DataContext,
  request: TakeCheckpoint,
  folder: string,
): Promise<CheckpointVolume[]> {
  const engine = context.engine();
  const volumes = request.volumes.map(({ name }) => name);
  // That of a checkpoint just before may still be on its way out, and would hold a volume that is deleted after this.
  await removeLeftHelpers(engine, volumes);
  const image = await anyImage(engine, request.facts.project, request.signal);
  const { newId } = context;
  const { signal } = request;
  // It comes up while the services go down.
  const helper = TarHelper.start({ engine, volumes, image, folder, newId, signal });
  helper.catch(() => undefined);
  try {
    const copy = async () => saveAll({ engine, image, newId, helper: await helper }, request, folder);
    const saved = await (request.quiet ?? ((work) => work()))(copy);
    return await checkedVolumes(request, saved);
  } finally {
    await (await helper.catch(() => undefined))?.end({ wait: mustBeOnDisk(request) });
  }
}

/** What replaces a volume that is deleted next is waited for; what was asked for is as safe as any file that was just saved. */
function mustBeOnDisk({ reason }: TakeCheckpoint): boolean {
  return reason !== 'asked';
}

async function saveAll(
  access: Pick<VolumeAccess, 'engine' | 'image' | 'newId'> & { readonly helper: TarHelper | undefined },
  request: TakeCheckpoint,
  folder: string,
): Promise<readonly SavedVolume[]> {
  const saved: SavedVolume[] = [];
  let before = 0;
  for (const [index, { name }] of request.volumes.entries()) {
    const onBytes = (bytes: number) => request.onBytes(before + bytes, name);
    const flush = mustBeOnDisk(request);
    const own = { ...access, volume: name, flush, signal: request.signal, onBytes };
    const copy = await saveVolume(own, path.join(folder, fileOf(index)), access.helper);
    saved.push(copy);
    before += copy.bytes;
  }
  return saved;
}

async function checkedVolumes(
  { facts, volumes }: TakeCheckpoint,
  saved: readonly SavedVolume[],
): Promise<CheckpointVolume[]> {
  const views = volumeViews(facts);
  const all = await Promise.all(saved.map(({ checked }) => checked));
  return all.map(({ bytes, checksum }, index) => {
    const { name = '', labels = {} } = volumes[index] ?? {};
    const services = [...(views.find((view) => view.name === name)?.services ?? [])];
    const copy = { encoding: 'none' as const, bytes, storedBytes: bytes, checksum };
    return { name, services, labels: { ...labels }, file: fileOf(index), ...copy };
  });
}

function fileOf(index: number): string {
  return `volume-${index + 1}`;
}

async function describe(
  context: DataContext,
  { name, reason, seed, facts }: TakeCheckpoint,
  { id, volumes }: { readonly id: string; readonly volumes: CheckpointVolume[] },
): Promise<Checkpoint> {
  const createdAt = context.clock.now();
  const users = [...new Set(volumes.flatMap(({ services }) => services))].sort();
  return {
    version: 1,
    id,
    name,
    reason,
    createdAt,
    keptUntil: keptUntil(reason, createdAt),
    seed,
    project: facts.project.name,
    services: await Promise.all(users.map((service) => imageOf(context.engine(), facts, service))),
    override: await context.files().readOverride(),
    volumes,
  };
}

async function imageOf(
  engine: Engine,
  { project, containers }: VolumeFacts,
  service: string,
): Promise<Checkpoint['services'][number]> {
  const container = containers.find((entry) => serviceOf(entry) === service);
  const image = container?.image ?? project.services[service]?.image ?? '';
  const found = image === '' ? undefined : await engine.inspectImage(container?.imageId ?? image);
  return { name: service, image, imageId: found?.id, digest: found?.digests[0] };
}
