import path from 'node:path';
import type { CheckpointReason } from '#contract/requests/data.ts';
import type { Engine } from '#engine/engine.ts';
import type { VolumeSummary } from '#engine/storage.ts';
import { type Checkpoint, type CheckpointVolume, keptUntil } from './checkpoint.ts';
import { isEmptyCopy, saveVolume } from './copyVolume.ts';
import { anyImage, type DataContext } from './dataContext.ts';
import { serviceOf, type VolumeFacts, volumeViews } from './volumeUse.ts';

export interface TakeCheckpoint {
  readonly name: string;
  readonly reason: CheckpointReason;
  readonly seed: boolean;
  readonly facts: VolumeFacts;
  readonly volumes: readonly VolumeSummary[];
  /** Copies at once are one after the other: `bytes` counts through all of them. */
  readonly onBytes: (bytes: number, volume: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies volumes into a new checkpoint, as they are: who writes to them has been stopped before. Undefined where the bin
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
    await store.keep(checkpoint);
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
  const image = await anyImage(engine, request.facts.project, request.signal);
  const views = volumeViews(request.facts);
  const copied: CheckpointVolume[] = [];
  let before = 0;
  for (const [index, volume] of request.volumes.entries()) {
    const file = `volume-${index + 1}`;
    const copy = await saveVolume(
      {
        engine,
        volume: volume.name,
        image,
        newId: context.newId,
        signal: request.signal,
        onBytes: (bytes) => request.onBytes(before + bytes, volume.name),
      },
      path.join(folder, file),
    );
    before += copy.bytes;
    const services = views.find(({ name }) => name === volume.name)?.services ?? [];
    copied.push({ name: volume.name, services: [...services], labels: { ...volume.labels }, file, ...copy });
  }
  return copied;
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
