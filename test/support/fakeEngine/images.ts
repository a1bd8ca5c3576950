import { createHash } from 'node:crypto';
import { AppFailure } from '#contract/errors.ts';
import type { ImageId } from '#contract/ids.ts';
import type { BuildOutput } from '#engine/builds.ts';
import type { Engine } from '#engine/engine.ts';
import type { ImageDetails, ImageSummary, PullProgress } from '#engine/images.ts';
import { byteChannel } from './channel.ts';
import { localImage } from './containers.ts';
import type { FakeImage } from './state.ts';
import { conflict, notFound, type World } from './world.ts';

type ImageCalls = Pick<
  Engine,
  | 'listImages'
  | 'inspectImage'
  | 'pullImage'
  | 'pushImage'
  | 'tagImage'
  | 'removeImage'
  | 'imageHistory'
  | 'buildImage'
  | 'saveImages'
  | 'loadImages'
>;

/** What a test says of an image; the rest has defaults. */
export interface ImageSpec {
  readonly config?: Partial<FakeImage['config']>;
  readonly platform?: string;
  readonly layers?: FakeImage['layers'];
}

/** How long a layer takes on the way, so that a pull can be given up in the middle. */
const LAYER_MS = 200;
const BUILD_STEP_MS = 100;

export function makeImage(reference: string, created: number, spec: ImageSpec = {}): FakeImage {
  const tag = /[@:][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  const hash = createHash('sha256')
    .update(`${tag} ${JSON.stringify(spec)}`)
    .digest('hex');
  const layers = spec.layers ?? [{ id: hash.slice(0, 12), sizeBytes: 1_000_000 }];
  const repository = tag.replace(/:[^/:]*$/, '');
  return {
    id: `sha256:${hash}`,
    tags: [tag],
    digests: [`${repository}@sha256:${createHash('sha256').update(hash).digest('hex')}`],
    sizeBytes: layers.reduce((total, layer) => total + layer.sizeBytes, 0),
    created,
    platform: spec.platform ?? 'linux/amd64',
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Cmd: ['sh'],
      Entrypoint: [],
      Labels: {},
      Volumes: [],
      ExposedPorts: [],
      User: '',
      WorkingDir: '',
      StopSignal: '',
      Healthcheck: undefined,
      ...spec.config,
    },
    layers,
  };
}

export function imageCalls(world: World): ImageCalls {
  return {
    async listImages(options) {
      const wanted = options?.reference;
      return world.images
        .filter(
          (image) =>
            wanted === undefined || image.tags.some((tag) => tag === wanted || repositoryOf(tag) === wanted),
        )
        .map(summary);
    },
    async inspectImage(reference) {
      const image = find(world, reference);
      return image === undefined ? undefined : imageDetails(image);
    },
    pullImage: async ({ reference, platform, onProgress, signal }) =>
      pull(world, reference, platform, onProgress, signal),
    async pushImage({ reference, onProgress }) {
      const image = localImage(world, reference);
      for (const layer of image.layers) {
        onProgress?.({
          layer: layer.id,
          phase: 'downloading',
          current: layer.sizeBytes,
          total: layer.sizeBytes,
          text: 'Pushing',
        });
        onProgress?.({ layer: layer.id, phase: 'done', text: 'Pushed' });
      }
      world.registry.set(tagged(reference), image);
    },
    async tagImage(source, target) {
      const image = localImage(world, source);
      retag(world, image, tagged(target));
      world.emit({ type: 'image', action: 'tag', id: image.id, attributes: { name: tagged(target) } });
    },
    removeImage: async (reference, options) => removeImage(world, reference, options?.force ?? false),
    async imageHistory(reference) {
      const image = localImage(world, reference);
      return image.layers.map((layer) => ({
        id: layer.id,
        createdBy: 'ADD rootfs /',
        sizeBytes: layer.sizeBytes,
        created: image.created,
      }));
    },
    buildImage: async (request) => build(world, request),
    async saveImages(references, options) {
      const names = references.map((reference) => localImage(world, reference).tags[0] ?? reference);
      const { channel, source } = byteChannel(options?.signal);
      channel.push(Buffer.from(JSON.stringify(names)));
      channel.end();
      return source;
    },
    async loadImages(tar) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of tar) chunks.push(chunk);
      const names = JSON.parse(Buffer.concat(chunks).toString()) as string[];
      for (const name of names)
        if (find(world, name) === undefined) addImage(world, makeImage(name, world.clock.now()));
    },
  };
}

function find(world: World, reference: string): FakeImage | undefined {
  return world.images.find(
    (image) =>
      image.id === reference || image.tags.includes(tagged(reference)) || image.digests.includes(reference),
  );
}

export function tagged(reference: string): string {
  return /[@:][^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

function repositoryOf(tag: string): string {
  return tag.replace(/:[^/:]*$/, '');
}

/** A tag is on one image: it leaves the one that had it. */
function retag(world: World, image: FakeImage, tag: string): void {
  for (const other of world.images) other.tags = other.tags.filter((name) => name !== tag);
  image.tags.push(tag);
}

export function addImage(world: World, image: FakeImage): void {
  const [tag] = image.tags;
  const same = world.images.find((other) => other.id === image.id);
  if (same === undefined) world.images.push(image);
  if (tag !== undefined) retag(world, same ?? image, tag);
}

async function pull(
  world: World,
  reference: string,
  platform: string | undefined,
  onProgress: ((progress: PullProgress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = world.registry.get(tagged(reference));
  if (found === undefined) {
    throw new AppFailure({
      kind: 'image.notFound',
      image: reference,
      message: `There is no image ${reference}.`,
    });
  }
  if ('kind' in found) throw new AppFailure(found);
  if (platform !== undefined && platform !== found.platform) {
    const message = `${reference} is not made for ${platform}.`;
    const available = [found.platform];
    throw new AppFailure({ kind: 'image.platform', image: reference, wanted: platform, available, message });
  }
  const have = new Set(world.images.flatMap((image) => image.layers.map((layer) => layer.id)));
  onProgress?.({ layer: '', phase: 'message', text: `Pulling from ${repositoryOf(tagged(reference))}` });
  for (const layer of found.layers) {
    if (have.has(layer.id)) onProgress?.({ layer: layer.id, phase: 'exists', text: 'Already exists' });
    else await pullLayer(world, layer, onProgress, signal);
  }
  addImage(world, found);
  world.emit({
    type: 'image',
    action: 'pull',
    id: tagged(reference),
    attributes: { name: tagged(reference) },
  });
}

async function pullLayer(
  world: World,
  { id, sizeBytes: total }: FakeImage['layers'][number],
  onProgress: ((progress: PullProgress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  onProgress?.({ layer: id, phase: 'waiting', text: 'Pulling fs layer' });
  for (const share of [0.5, 1]) {
    await world.clock.sleep(LAYER_MS / 2, signal);
    onProgress?.({ layer: id, phase: 'downloading', current: total * share, total, text: 'Downloading' });
  }
  onProgress?.({ layer: id, phase: 'downloaded', text: 'Download complete' });
  onProgress?.({ layer: id, phase: 'extracting', current: total, total, text: 'Extracting' });
  onProgress?.({ layer: id, phase: 'done', text: 'Pull complete' });
}

function removeImage(world: World, reference: string, force: boolean): void {
  const image = find(world, reference);
  if (image === undefined) throw notFound('image', reference);
  const user = [...world.containers.values()].find((container) => container.image === image);
  const byId = image.id === reference;
  if (user !== undefined && !force && (byId || image.tags.length <= 1)) {
    throw conflict('image', reference, `Image ${reference} is used by container ${user.id}.`);
  }
  image.tags = byId ? [] : image.tags.filter((tag) => tag !== tagged(reference));
  world.emit({ type: 'image', action: 'untag', id: image.id, attributes: { name: reference } });
  if (image.tags.length > 0 || user !== undefined) return;
  world.images.splice(world.images.indexOf(image), 1);
  world.emit({ type: 'image', action: 'delete', id: image.id, attributes: { name: image.id } });
}

async function build(
  world: World,
  request: Parameters<Engine['buildImage']>[0],
): Promise<{ imageId: ImageId }> {
  let bytes = 0;
  for await (const chunk of request.context) bytes += chunk.length;
  const name = `[1/1] FROM scratch (${bytes} bytes of context)`;
  const emit = (output: BuildOutput) => request.onOutput?.(output);
  emit({ type: 'step', id: '1', name, status: 'started', cached: false });
  await world.clock.sleep(BUILD_STEP_MS, request.signal);
  emit({ type: 'log', id: '1', bytes: Buffer.from('built\n') });
  emit({ type: 'step', id: '1', name, status: 'done', cached: false, durationMs: BUILD_STEP_MS });
  const image = makeImage(request.tags[0] ?? world.newId(), world.clock.now(), {
    config: { Labels: request.labels ?? {} },
  });
  addImage(world, image);
  for (const tag of request.tags.slice(1)) retag(world, image, tagged(tag));
  return { imageId: image.id as ImageId };
}

function summary(image: FakeImage): ImageSummary {
  return {
    id: image.id as ImageId,
    tags: image.tags,
    digests: image.digests,
    sizeBytes: image.sizeBytes,
    created: image.created,
    labels: image.config.Labels,
  };
}

function imageDetails(image: FakeImage): ImageDetails {
  const [os = '', architecture = '', variant = ''] = image.platform.split('/');
  return {
    ...summary(image),
    platform: image.platform,
    architecture,
    os,
    variant,
    user: image.config.User,
    workingDir: image.config.WorkingDir,
    env: image.config.Env,
    entrypoint: image.config.Entrypoint,
    cmd: image.config.Cmd,
    exposedPorts: image.config.ExposedPorts,
    volumes: image.config.Volumes,
    healthcheck: image.config.Healthcheck?.Test,
    stopSignal: image.config.StopSignal,
    layers: image.layers.map((layer) => layer.id),
    raw: { Config: image.config },
  };
}
