import type { Clock } from '#base/clock.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import type { Engine } from '#engine/engine.ts';
import type { RegistryAuth } from '#engine/images.ts';
import { BuildOnce } from '#images/build/buildOnce.ts';
import { type LoginPlaces, registryAuth } from '#images/registryAuth.ts';
import type { BuildRequest, CheckData, KeepVolume, PullRequest } from '#run/effects.ts';
import { execute } from '#run/executor.ts';
import type { BuildBook } from './builds/buildBook.ts';
import { middlewareProfile } from './middlewareOf.ts';
import { pullKeeping } from './pullKeeping.ts';
import type { Execute } from './runs.ts';
import { runsServer } from './runsServer.ts';
import type { BuildOptions } from './stack.ts';

/** What plans are run with. */
export interface ExecutorParts {
  readonly engine: Engine;
  /** The engine's, where it has said how many. */
  readonly processors: number | undefined;
  /** Whether a window shows what happens. */
  readonly watched: () => boolean;
  readonly clock: Clock;
  readonly logins: LoginPlaces;
  readonly project: Project;
  readonly build: BuildOptions;
  readonly newId: () => string;
  /** Hears every build whenever it has moved on. */
  readonly onBuild: (view: BuildView) => void;
  /** What the last build of a service saw of its context, and where the next is kept. */
  readonly contexts: Pick<BuildBook, 'context' | 'keepContext'>;
  readonly keepVolume: KeepVolume;
  readonly checkData: CheckData;
}

/** Runs plans of one project on one engine, with the user's logins for pulls and builds. */
export function executorOf(parts: ExecutorParts): Execute {
  const builds = new BuildOnce(parts.engine);
  return (plan, { onEvent, signal }) =>
    execute(plan, {
      engine: parts.engine,
      processors: parts.processors,
      watched: parts.watched(),
      clock: parts.clock,
      project: parts.project.name,
      onEvent,
      signal,
      pullImage: (request) => pull(parts, request),
      buildService: (request) => build(parts, builds, request),
      keepVolume: parts.keepVolume,
      checkData: parts.checkData,
      readyProbe: (service, env) => readyProbe(parts.project, service, env),
      startsTwice: (service) => middlewareProfile(parts.project, service)?.startsTwice === true,
    });
}

function readyProbe(
  project: Project,
  service: string,
  env: readonly string[],
): readonly string[] | undefined {
  const definition = project.services[service];
  if (definition === undefined || !runsServer(definition)) return undefined;
  return middlewareProfile(project, service)?.probe?.(environmentOf(env));
}

function environmentOf(env: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    env.map((entry) => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

function pull({ engine, logins }: ExecutorParts, request: PullRequest): Promise<void> {
  const { image, platform, onProgress, signal } = request;
  return pullKeeping({ engine, logins, image, platform, onProgress, signal });
}

async function build(parts: ExecutorParts, builds: BuildOnce, request: BuildRequest): Promise<void> {
  const { service, image, onOutput, signal } = request;
  const definition = parts.project.services[service];
  if (definition?.build === undefined) {
    throw new AppFailure({ kind: 'internal', message: `${service} has nothing to be built from.` });
  }
  await builds.build({
    project: parts.project,
    service,
    build: definition.build,
    image,
    platform: definition.platform,
    ...parts.build,
    auths: await hubLogin(parts.logins, signal),
    onOutput,
    onView: parts.onBuild,
    before: await parts.contexts.context(service),
    onContext: (stamps) => parts.contexts.keepContext(service, stamps),
    id: parts.newId(),
    now: () => parts.clock.now(),
    signal,
  });
}

/** Base images come from Docker Hub most often. A configuration that cannot be read matters to a pull, not to a build. */
async function hubLogin(logins: LoginPlaces, signal: AbortSignal): Promise<readonly RegistryAuth[]> {
  try {
    const auth = await registryAuth('docker.io/library/scratch', logins, signal);
    return auth === undefined ? [] : [auth];
  } catch (thrown) {
    if (isKind(thrown, 'input.invalid')) return [];
    throw thrown;
  }
}

/** One image, outside a plan. `onBytes` hears all layers together. */
export async function pullAlone(request: {
  readonly engine: Engine;
  readonly logins: LoginPlaces;
  readonly image: string;
  readonly onBytes: (current: number, total: number | undefined) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { engine, logins, image, onBytes, signal } = request;
  const layers = new Map<string, { readonly current: number; readonly total: number }>();
  await pullKeeping({
    engine,
    logins,
    image,
    signal,
    onProgress: ({ layer, phase, current = 0, total }) => {
      if (phase !== 'downloading' || total === undefined) return;
      layers.set(layer, { current, total });
      const all = [...layers.values()];
      onBytes(
        all.reduce((sum, one) => sum + one.current, 0),
        all.reduce((sum, one) => sum + one.total, 0),
      );
    },
  });
}
