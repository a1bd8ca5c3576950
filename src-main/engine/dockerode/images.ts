import { isKind } from '#contract/errors.ts';
import type { ImageId } from '#contract/ids.ts';
import type { Engine } from '../engine.ts';
import type { ImageDetails, ImageSummary, PullProgress } from '../images.ts';
import type { ByteSource } from '../streams.ts';
import { filterQuery } from './containers.ts';
import { type About, failureInStream } from './errors.ts';
import { jsonLines } from './jsonLines.ts';
import { pullProgress } from './progress.ts';
import { instant, list, number, type Raw, record, text, textMap, texts } from './raw.ts';
import { splitTag } from './reference.ts';
import { authHeader, encoded, type Transport } from './transport.ts';

type ImageCalls = Pick<
  Engine,
  | 'listImages'
  | 'inspectImage'
  | 'pullImage'
  | 'pushImage'
  | 'tagImage'
  | 'removeImage'
  | 'imageHistory'
  | 'saveImages'
  | 'loadImages'
>;

export function imageCalls(transport: Transport): ImageCalls {
  return {
    async listImages(options) {
      const filters = filterQuery({
        reference: options?.reference === undefined ? undefined : [options.reference],
      });
      const about = aboutImage('');
      const answer = await transport.json({
        method: 'GET',
        path: '/images/json',
        query: { filters },
        about,
        signal: options?.signal,
      });
      return list(answer).map((entry) => imageSummary(record(entry)));
    },
    inspectImage: (reference, options) => inspectImage(transport, reference, options?.signal),
    async pullImage({ reference, platform, auth, onProgress, signal }) {
      const { name, tag } = splitTag(reference);
      const about = { ...aboutImage(reference), image: reference };
      const source = await transport.stream({
        method: 'POST',
        path: '/images/create',
        query: { fromImage: name, tag, platform },
        headers: authHeader(auth),
        about,
        signal,
      });
      await follow(source, about, onProgress);
    },
    async pushImage({ reference, auth, onProgress, signal }) {
      const { name, tag } = splitTag(reference);
      const about = { ...aboutImage(reference), image: reference };
      const source = await transport.stream({
        method: 'POST',
        path: `${imagePath(name)}/push`,
        query: { tag },
        // The header has to be there even when there is no login: podman and old engines refuse without.
        headers: authHeader(auth ?? { serverAddress: '' }),
        about,
        signal,
      });
      await follow(source, about, onProgress);
    },
    tagImage: (image, target, options) => {
      const { name, tag } = splitTag(target);
      const query = { repo: name, tag };
      return transport.run({
        method: 'POST',
        path: `${imagePath(image)}/tag`,
        query,
        about: aboutImage(image),
        signal: options?.signal,
      });
    },
    removeImage: (reference, options) =>
      transport.run({
        method: 'DELETE',
        path: imagePath(reference),
        query: { force: options?.force },
        about: aboutImage(reference),
        signal: options?.signal,
        holds: true,
      }),
    async imageHistory(reference, options) {
      const path = `${imagePath(reference)}/history`;
      const answer = await transport.json({
        method: 'GET',
        path,
        about: aboutImage(reference),
        signal: options?.signal,
      });
      return list(answer).map((entry) => historyEntry(record(entry)));
    },
    saveImages: (references, options) =>
      transport.stream({
        method: 'GET',
        path: '/images/get',
        query: { names: references },
        about: aboutImage(references.join(', ')),
        signal: options?.signal,
      }),
    async loadImages(tar, options) {
      const about = aboutImage('');
      const source = await transport.stream({
        method: 'POST',
        path: '/images/load',
        query: { quiet: true },
        upload: tar,
        about,
        signal: options?.signal,
      });
      await follow(source, about, undefined);
    },
  };
}

export function aboutImage(reference: string): About {
  return { what: 'image', id: reference };
}

/** Slashes of a reference are slashes of the path. */
function imagePath(reference: string): string {
  return `/images/${reference.split('/').map(encoded).join('/')}`;
}

export async function inspectImage(
  transport: Transport,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<ImageDetails | undefined> {
  try {
    const path = `${imagePath(reference)}/json`;
    return imageDetails(
      record(await transport.json({ method: 'GET', path, about: aboutImage(reference), signal })),
    );
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return undefined;
    throw thrown;
  }
}

/** Reads a stream of progress to its end; a failure is a message in it, the status was sent before. */
async function follow(
  source: ByteSource,
  about: About,
  onProgress: ((progress: PullProgress) => void) | undefined,
): Promise<void> {
  try {
    for await (const raw of jsonLines(source)) {
      const failed = text(raw['error']) || text(record(raw['errorDetail'])['message']);
      if (failed !== '') throw failureInStream(failed, about);
      if (text(raw['status']) !== '') onProgress?.(pullProgress(raw));
    }
  } finally {
    source.close();
  }
}

function imageSummary(raw: Raw): ImageSummary {
  const real = (name: string) => !name.startsWith('<none>');
  return {
    id: text(raw['Id']) as ImageId,
    tags: texts(raw['RepoTags']).filter(real),
    digests: texts(raw['RepoDigests']).filter(real),
    sizeBytes: number(raw['Size']),
    created: number(raw['Created']) * 1000,
    labels: textMap(raw['Labels']),
  };
}

function imageDetails(raw: Raw): ImageDetails {
  const config = record(raw['Config']);
  const variant = text(raw['Variant']);
  const test = texts(record(config['Healthcheck'])['Test']);
  return {
    ...imageSummary(raw),
    created: instant(raw['Created']) ?? 0,
    labels: textMap(config['Labels']),
    platform: [text(raw['Os']), text(raw['Architecture']), variant].filter((part) => part !== '').join('/'),
    architecture: text(raw['Architecture']),
    os: text(raw['Os']),
    variant,
    user: text(config['User']),
    workingDir: text(config['WorkingDir']),
    env: texts(config['Env']),
    entrypoint: texts(config['Entrypoint']),
    cmd: texts(config['Cmd']),
    exposedPorts: Object.keys(record(config['ExposedPorts'])).sort(),
    volumes: Object.keys(record(config['Volumes'])).sort(),
    healthcheck: test.length === 0 ? undefined : test,
    stopSignal: text(config['StopSignal']),
    layers: texts(record(raw['RootFS'])['Layers']),
    raw,
  };
}

function historyEntry(raw: Raw): Awaited<ReturnType<Engine['imageHistory']>>[number] {
  return {
    id: text(raw['Id']),
    createdBy: text(raw['CreatedBy']),
    sizeBytes: number(raw['Size']),
    created: number(raw['Created']) * 1000,
  };
}
