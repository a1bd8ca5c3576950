import path from 'node:path';
import { COMPOSE_VERSION, LABELS } from '#compose/labels.ts';
import type { Build } from '#compose/project.ts';
import { AppFailure, isKind, toAppError } from '#contract/errors.ts';
import type { ImageId } from '#contract/ids.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import type { BuildImage, BuildOutput } from '#engine/builds.ts';
import type { Cancel, Engine } from '#engine/engine.ts';
import type { RegistryAuth } from '#engine/images.ts';
import { placedFailure } from './buildFailure.ts';
import { type BuildPlace, buildPlace, isRemote } from './buildPlace.ts';
import { BuildRecorder } from './buildRecorder.ts';
import { type BuildProject, type ContextImages, prepareSources } from './buildSources.ts';
import { contextImages, dropContextImages } from './contextImages.ts';
import { contextTar } from './contextTar.ts';
import { checksum } from './memoryFolder.ts';
import { type ContextStamps, SeenContext } from './seenContext.ts';

export interface BuildRequest {
  readonly project: BuildProject;
  readonly service: string;
  readonly build: Build;
  /** The name that the result gets. */
  readonly image: string;
  readonly platform?: string | undefined;
  readonly noCache?: boolean | undefined;
  /** Look for newer base images. */
  readonly pull?: boolean | undefined;
  readonly auths: readonly RegistryAuth[];
  readonly onOutput?: ((output: BuildOutput) => void) | undefined;
  /** Hears the build as a whole whenever it has moved on, and once at its end. */
  readonly onView?: ((view: BuildView) => void) | undefined;
  /** What the build before saw of the context; with it this one can say what has changed. */
  readonly before?: ContextStamps | undefined;
  readonly onContext?: ((stamps: ContextStamps) => void) | undefined;
  readonly id: string;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** Builds one service's image. Rejects with `build.failed`, `path.missing`, `path.denied`, `input.invalid`, `engine.*` or `cancelled`. */
export async function buildImage(engine: Engine, request: BuildRequest): Promise<ImageId> {
  const { build, service, image, id } = request;
  const place = isRemote(build.context) ? undefined : await buildPlace(build, service);
  const facts = { id, service, image, dockerfile: place?.file, text: place?.text ?? '' };
  const recorder = new BuildRecorder(facts, request.now);
  const seen = new SeenContext(request.before);
  const tell = () => request.onView?.(recorder.view);
  tell();
  try {
    const imageId = await perform(engine, request, { place, recorder, seen });
    recorder.finish({ outcome: 'done', imageId, changed: seen.changed() });
    if (seen.stamps !== undefined) request.onContext?.(seen.stamps);
    return imageId;
  } catch (thrown) {
    const error = toAppError(thrown);
    recorder.finish({ outcome: error.kind === 'cancelled' ? 'cancelled' : 'failed', error });
    throw thrown;
  } finally {
    tell();
  }
}

interface Work {
  readonly place: BuildPlace | undefined;
  readonly recorder: BuildRecorder;
  readonly seen: SeenContext;
}

async function perform(engine: Engine, request: BuildRequest, work: Work): Promise<ImageId> {
  const { place } = work;
  const { buildkit } = await engine.info({ signal: request.signal });
  if (place === undefined) {
    const settings = settingsOf(request, work.recorder);
    return remoteBuild(engine, { ...settings, builder: buildkit ? 'buildkit' : 'classic' }, request);
  }
  if (!buildkit) return buildFrom(engine, request, { ...work, place, builder: 'classic' });
  try {
    return await buildFrom(engine, request, { ...work, place, builder: 'buildkit' });
  } catch (thrown) {
    if (work.recorder.view.steps.length > 0 || !refuses(thrown)) throw thrown;
    work.recorder.warn([`The engine refuses BuildKit, so its old builder was taken: ${thrown.message}`]);
    return buildFrom(engine, request, { ...work, place, builder: 'classic' });
  }
}

/** A way that is not there or is barred: engines that have no BuildKit and do not say so, and proxies that let only `/build` through. */
function refuses(thrown: unknown): thrown is AppFailure {
  if (isKind(thrown, 'engine.denied')) return true;
  return isKind(thrown, 'engine.failed') && [400, 404, 405, 501].includes(thrown.error.status);
}

async function buildFrom(engine: Engine, request: BuildRequest, work: PlacedWork): Promise<ImageId> {
  const { recorder, builder } = work;
  const images = await contextImages(engine, { ...request, builder });
  let addedLines = 0;
  try {
    const parts =
      builder === 'buildkit' ? modernParts(request, work, images) : classicParts(request, work, images);
    addedLines = parts.addedLines;
    recorder.warn(parts.warnings);
    return (await engine.buildImage({ ...settingsOf(request, recorder), ...parts.image })).imageId;
  } catch (thrown) {
    if (!isKind(thrown, 'cancelled') && work.seen.denied !== undefined) throw work.seen.denied;
    if (!isKind(thrown, 'build.failed')) throw thrown;
    const { file, folder, text } = work.place;
    const facts = {
      text,
      file: file ?? path.join(folder, 'Dockerfile'),
      addedLines,
      step: recorder.failedStep,
    };
    throw new AppFailure(placedFailure(thrown.error, request.service, facts), { cause: thrown });
  } finally {
    await dropContextImages(engine, request);
  }
}

interface Parts {
  readonly image: Pick<BuildImage, 'context' | 'dockerfile' | 'builder' | 'sources'>;
  readonly addedLines: number;
  readonly warnings: readonly string[];
}

interface PlacedWork extends Work {
  readonly place: BuildPlace;
  readonly builder: BuildImage['builder'];
}

function modernParts(
  request: BuildRequest,
  { place, seen }: PlacedWork,
  contextImages: ContextImages,
): Parts {
  const { build, project } = request;
  const { sources, dockerfile, addedLines, warnings } = prepareSources(place, {
    build,
    project,
    contextImages,
    seen,
  });
  const image = { context: NOTHING, dockerfile, sources, builder: 'buildkit' } as const;
  return { image, addedLines, warnings };
}

/** With `sources` the tar is never read. */
const NOTHING: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: async function* none() {} };

function classicParts(
  request: BuildRequest,
  { place, seen }: PlacedWork,
  contextImages: ContextImages,
): Parts {
  const { build, signal } = request;
  const inside =
    place.file === undefined ? '../' : path.relative(place.folder, place.file).split(path.sep).join('/');
  const outside = inside.startsWith('../') || Object.keys(contextImages).length > 0;
  const stages = Object.entries(contextImages).map(([name, image]) => `FROM ${image} AS ${name}\n`);
  const text = `${stages.join('')}${place.text}`;
  const dockerfile = outside ? `.dockerfile.${checksum(text).toString(16)}` : inside;
  const context = contextTar(
    {
      folder: place.folder,
      dockerfile,
      ignore: place.ignore?.text,
      seen,
      ...(outside ? { dockerfileText: text } : {}),
    },
    signal,
  );
  const missing = [
    ...(build.secrets?.length ? ['secrets are not given: this engine has no BuildKit.'] : []),
    ...(build.ssh?.length ? ['ssh is not given: this engine has no BuildKit.'] : []),
  ];
  return { image: { context, dockerfile, builder: 'classic' }, addedLines: stages.length, warnings: missing };
}

async function remoteBuild(
  engine: Engine,
  settings: ReturnType<typeof settingsOf> & Pick<BuildImage, 'builder'>,
  { build, service }: BuildRequest,
): Promise<ImageId> {
  const sources = {
    folders: {},
    contexts: {},
    remote: build.context,
    secret: async () => undefined,
    sshAgent: () => undefined,
  };
  const dockerfile = build.dockerfile ?? 'Dockerfile';
  try {
    return (await engine.buildImage({ ...settings, context: NOTHING, dockerfile, sources })).imageId;
  } catch (thrown) {
    if (!isKind(thrown, 'build.failed')) throw thrown;
    throw new AppFailure({ ...thrown.error, service }, { cause: thrown });
  }
}

function settingsOf(
  request: BuildRequest,
  recorder: BuildRecorder,
): Omit<BuildImage, 'context' | 'dockerfile' | 'builder'> & Cancel {
  const { build, project, service } = request;
  return {
    onOutput: (output) => {
      recorder.hear(output);
      request.onOutput?.(output);
      request.onView?.(recorder.view);
    },
    signal: request.signal,
    tags: [request.image, ...(build.tags ?? [])],
    buildArgs: argsOf(build, project.environment),
    target: build.target,
    // The labels by which docker compose finds the images that it has built.
    labels: {
      ...build.labels,
      [LABELS.project]: project.name,
      [LABELS.service]: service,
      [LABELS.version]: COMPOSE_VERSION,
    },
    cacheFrom: build.cache_from,
    networkMode: build.network,
    extraHosts: build.extra_hosts?.map((entry) => entry.replace('=', ':')),
    platform: request.platform ?? build.platforms?.[0],
    shmSizeBytes: build.shm_size === undefined ? undefined : Number(build.shm_size),
    noCache: request.noCache ?? build.no_cache,
    pull: request.pull ?? build.pull,
    auths: request.auths,
  };
}

/** An argument without a value takes the environment's; where there is none the Dockerfile's default stays. */
function argsOf(build: Build, environment: Readonly<Record<string, string>>): Record<string, string> {
  const args: Record<string, string> = {};
  for (const [name, value] of Object.entries(build.args ?? {})) {
    const given = value ?? environment[name];
    if (given !== undefined) args[name] = given;
  }
  return args;
}
