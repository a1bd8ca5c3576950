import { parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import { type AppError, toAppError } from '#contract/errors.ts';
import type { DriftRow, DriftView } from '#contract/requests/production.ts';
import type { Engine } from '#engine/engine.ts';
import { driftOf, type ProductionSide, type ServiceDrift, shortImage } from '#images/drift.ts';
import type { ProductionContainer, ProductionManifest } from '#images/manifest/manifest.ts';
import { type Match, matchServices } from '#images/manifest/matchServices.ts';
import { pinned, type RemoteImage } from '#images/registry/remoteImage.ts';
import { middlewareOf } from '../middlewareOf.ts';
import { serviceNames } from '../reduceService.ts';
import type { KnownEnvironment } from './environments.ts';
import { localImage, localSide, remoteDigests, versionThere } from './localSide.ts';

export interface DriftRequest {
  readonly project: Project;
  readonly environment: KnownEnvironment;
  readonly manifest: ProductionManifest;
  readonly engine: Engine;
  /** Rejects as resolveImage does. */
  readonly resolve: (image: string) => Promise<RemoteImage>;
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

type Resolved = { readonly remote: RemoteImage } | { readonly error: AppError };

/** Row by row: how far this stack is from what production runs. All registries are asked at once. */
export async function driftReport(request: DriftRequest): Promise<DriftView> {
  const { project, environment, manifest } = request;
  const names = serviceNames(project).filter((name) => Object.hasOwn(project.services, name));
  const services = names.map((name) => ({
    name,
    image: project.services[name]?.build === undefined ? project.services[name]?.image : undefined,
    declared: environment.services[name] ?? declaredBy(project, name),
  }));
  const matches = matchServices(services, manifest.containers, project.name);
  const resolve = once(request.resolve);
  const matched = await Promise.all(matches.matches.map((match) => matchedRow(request, match, resolve)));
  const row = (name: string) => matched.find(({ service }) => service === name) ?? onlyHereRow(project, name);
  return {
    environment: environment.name,
    format: manifest.format,
    at: request.now,
    rows: [...names.map(row), ...matches.onlyThere.map(onlyThereRow)],
    problems: [
      ...manifest.problems,
      ...matches.broken.map(
        ({ service, declared }) => `${service} is declared to be ${declared}, which is not there.`,
      ),
    ],
  };
}

/** The manifest's container of one service; undefined where production has none. */
export function containerOf(
  project: Project,
  environment: KnownEnvironment,
  manifest: ProductionManifest,
  service: string,
): ProductionContainer | undefined {
  const services = Object.keys(project.services).map((name) => ({
    name,
    image: project.services[name]?.build === undefined ? project.services[name]?.image : undefined,
    declared: environment.services[name] ?? declaredBy(project, name),
  }));
  return matchServices(services, manifest.containers, project.name).matches.find(
    (match) => match.service === service,
  )?.container;
}

/** `x-slipway: { production: shop-api/api }` on the service itself; false: production has none. */
function declaredBy(project: Project, name: string): string | false | undefined {
  const ours = project.serviceExtensions[name]?.['x-slipway'];
  if (typeof ours !== 'object' || ours === null || !('production' in ours)) return undefined;
  const { production } = ours;
  return production === false || typeof production === 'string' ? production : undefined;
}

async function matchedRow(
  request: DriftRequest,
  match: Match,
  resolve: (image: string) => Promise<Resolved>,
): Promise<DriftRow> {
  const { project, engine, signal } = request;
  const { service, container } = match;
  const image = localImage(project, service);
  const wanted = wantedImage(container);
  const [local, there] = await Promise.all([engine.inspectImage(image, { signal }), resolve(wanted)]);
  const built = project.services[service]?.build !== undefined;
  const here = local === undefined && !built ? await resolve(image) : undefined;
  const side = localSide(project, service, {
    local,
    remote: here && 'remote' in here ? here.remote : undefined,
  });
  const production = productionSide(project, match, there, built ? (local?.labels ?? {}) : {});
  const drift = driftOf(side, production);
  return {
    service,
    container: containerTitle(container),
    matchedBy: match.by,
    ...drift,
    here: side.built ? 'built here' : shortImage(image),
    there: shortImage(container.image),
    productionImage: 'remote' in there ? pinned(wanted, there.remote.digest) : wanted,
    match: waysToMatch(project, match, drift, there),
  };
}

/** By digest where production tells which: a tag may have moved since. */
export function wantedImage(container: ProductionContainer): string {
  return container.digest === undefined ? container.image : pinned(container.image, container.digest);
}

function productionSide(
  project: Project,
  { service, container }: Match,
  there: Resolved,
  builtHere: Readonly<Record<string, string>>,
): ProductionSide {
  const remote = 'remote' in there ? there.remote : undefined;
  // What two builds of one service both carry comes from the image that they are built on.
  const own = Object.entries(remote?.config.labels ?? {}).filter(
    ([name, value]) => builtHere[name] !== value,
  );
  return {
    container,
    digests: remote ? remoteDigests(remote) : [],
    created: remote?.config.created,
    version: versionThere(project, service, container, Object.fromEntries(own)),
    unknown: 'error' in there ? there.error.message : undefined,
  };
}

/** Middleware goes through the version switch, with its data; everything else through a swap. */
function waysToMatch(
  project: Project,
  { service, container }: Match,
  { state }: ServiceDrift,
  there: Resolved,
): DriftRow['match'] {
  if (state === 'same') return undefined;
  const tag = parseImageReference(container.image)?.tag;
  if (middlewareOf(project, service)?.profile.data !== undefined)
    return tag === undefined ? undefined : { type: 'switch', version: tag };
  return 'remote' in there ? { type: 'swap', image: container.image } : undefined;
}

function onlyHereRow(project: Project, service: string): DriftRow {
  return {
    service,
    state: 'onlyHere',
    words: 'production has no such service',
    here:
      project.services[service]?.build === undefined
        ? shortImage(localImage(project, service))
        : 'built here',
    config: [],
  };
}

function onlyThereRow(container: ProductionContainer): DriftRow {
  return {
    container: containerTitle(container),
    state: 'onlyThere',
    words:
      container.role === 'service'
        ? 'runs in production only'
        : `a ${WORDS[container.role]} of production only`,
    there: shortImage(container.image),
    productionImage: wantedImage(container),
    config: [],
  };
}

const WORDS = { init: 'preparation', job: 'job', service: 'service' } as const;

function containerTitle({ name, workload }: ProductionContainer): string {
  if (workload === undefined) return name;
  return workload.name === name ? `${workload.kind} ${name}` : `${workload.kind} ${workload.name} / ${name}`;
}

/** Each image once, however many services run it. */
function once(resolve: DriftRequest['resolve']): (image: string) => Promise<Resolved> {
  const asked = new Map<string, Promise<Resolved>>();
  return (image) => {
    const found =
      asked.get(image) ??
      resolve(image).then(
        (remote) => ({ remote }),
        (thrown: unknown) => ({ error: toAppError(thrown) }),
      );
    asked.set(image, found);
    return found;
  };
}
