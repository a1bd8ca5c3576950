import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { COMPOSE_VERSION, LABELS } from '#compose/labels.ts';
import type { Build, Project } from '#compose/project.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ImageId } from '#contract/ids.ts';
import type { BuildImage, BuildOutput, Engine, RegistryAuth } from '#engine/engine.ts';
import { type BuildContext, contextTar, requireFolder } from './contextTar.ts';

export interface BuildRequest {
  readonly project: Pick<Project, 'name' | 'environment'>;
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
  readonly signal?: AbortSignal | undefined;
}

/** Builds one service's image. Rejects with `build.failed`, `path.missing`, `input.invalid`, `engine.*` or `cancelled`. */
export async function buildImage(engine: Engine, request: BuildRequest): Promise<ImageId> {
  const { build, service } = request;
  const context = await contextOf(build, service);
  try {
    const { imageId } = await engine.buildImage({
      ...settingsOf(request),
      context: contextTar(context, request.signal),
      dockerfile: context.dockerfile,
      signal: request.signal,
    });
    return imageId;
  } catch (thrown) {
    if (!isKind(thrown, 'build.failed') || thrown.error.service !== undefined) throw thrown;
    throw new AppFailure({ ...thrown.error, service }, { cause: thrown });
  }
}

function settingsOf(request: BuildRequest): Omit<BuildImage, 'context' | 'dockerfile'> {
  const { build, project, service } = request;
  return {
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
    builder: 'classic',
    onOutput: request.onOutput,
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

async function contextOf(build: Build, service: string): Promise<BuildContext> {
  const folder = build.context;
  if (folder === undefined || !path.isAbsolute(folder)) {
    throw new AppFailure({
      kind: 'input.invalid',
      field: `services.${service}.build.context`,
      message: `${service} is built from ${folder ?? 'nothing'}; only folders can be built from.`,
    });
  }
  await requireFolder(folder, service);
  if (build.dockerfile_inline !== undefined) {
    return {
      folder,
      dockerfile: foreignName(build.dockerfile_inline),
      dockerfileText: build.dockerfile_inline,
    };
  }
  const file = path.resolve(folder, build.dockerfile ?? 'Dockerfile');
  const text = await readDockerfile(file, service);
  const inside = path.relative(folder, file).split(path.sep).join('/');
  if (!inside.startsWith('../') && !path.isAbsolute(inside)) return { folder, dockerfile: inside };
  return { folder, dockerfile: foreignName(text), dockerfileText: text };
}

async function readDockerfile(file: string, service: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return text;
  throw new AppFailure({
    kind: 'path.missing',
    path: file,
    service,
    message: `The Dockerfile ${file} of ${service} cannot be read.`,
  });
}

/** A name that no file of the context has, the same for the same text so that the engine's cache holds. */
function foreignName(text: string): string {
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return `.dockerfile.${hash.toString(16).padStart(8, '0')}`;
}
