import { perObject } from '#base/perObject.ts';
import { isEnabled } from '#compose/graph.ts';
import { builtImageName } from '#compose/names.ts';
import type { Project, Service } from '#compose/project.ts';
import type { AppError, Position } from '#contract/errors.ts';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { FailureCard, Replica, ServiceRecord, ServiceStatus } from '#contract/model.ts';
import { isAwaitedToEnd, replicasOf, wantedReplicas } from '#plan/input.ts';
import type { ObservedContainer, ObservedState } from '#plan/observed.ts';
import { gatewayRoute } from './gateway/gatewayRoutes.ts';
import { middlewareOf } from './middlewareOf.ts';
import { OVERRIDE_FILE } from './projectSource.ts';
import { publishedPorts } from './publishedPorts.ts';
import { reduceStatus } from './reduceStatus.ts';
import type { RunTracker } from './runTracker.ts';
import { activityOf, unmetDependencies } from './serviceActivity.ts';

/** All that is known of one open project. */
export interface ProjectFacts {
  readonly workspace: WorkspaceId;
  readonly project: Project;
  readonly observed: ObservedState;
  readonly run?: RunTracker | undefined;
  /** By service: why a boot would recreate it. */
  readonly diverged: Readonly<Record<string, string>>;
  /** By service: what the last run could not do. */
  readonly failures: Readonly<Record<string, { readonly error: AppError; readonly at: number }>>;
  readonly cards: Readonly<Record<string, FailureCard>>;
  /** By service: the production image that it runs for a while. */
  readonly swaps?: Readonly<Record<string, NonNullable<ServiceRecord['swap']>>> | undefined;
}

// A project never changes: what follows from it alone is worked out once, not with every step of a run.

/** The disabled ones too. */
export const allServices = perObject((project: Project) => ({
  ...project.services,
  ...project.disabledServices,
}));

/** The names of all services, the disabled ones too, in the order of the files. */
export const serviceNames = perObject(orderedNames);

function orderedNames(project: Project): readonly ServiceName[] {
  const files = project.composeFiles;
  const place = (name: string) => {
    const at = placeOf(project, name);
    return at === undefined ? [files.length, 0] : [files.indexOf(at.file), at.line];
  };
  const placed = Object.keys({ ...project.services, ...project.disabledServices }).map((name) => {
    const [file = 0, line = 0] = place(name);
    return { name: name as ServiceName, file, line };
  });
  return placed.sort((a, b) => a.file - b.file || a.line - b.line).map(({ name }) => name);
}

/** Where the user's own files begin with it: what an override decides for a service must not move it to the end. */
function placeOf(project: Project, name: string): Position | undefined {
  const at = project.sourceOf(`services.${name}`);
  if (at === undefined || !isOverride(at.file)) return at;
  const service = project.services[name] ?? project.disabledServices[name] ?? {};
  const own = Object.keys(service)
    .flatMap((attribute) => project.sourceOf(`services.${name}.${attribute}`) ?? [])
    .filter(({ file }) => !isOverride(file));
  return own.sort((a, b) => a.line - b.line)[0] ?? at;
}

function isOverride(file: string): boolean {
  return file.replaceAll('\\', '/').endsWith(OVERRIDE_FILE);
}

/** One service's record: project × observed × the run at work. Pure. What it looks at, `ServiceReducer` has to look at too. */
export function reduceService(facts: ProjectFacts, name: string, service: Service): ServiceRecord {
  const replicas = replicasOf(facts.observed, name);
  const awaitedToEnd = isAwaitedToEnd(facts.project, name);
  const status = statusOf(facts, { name, service, replicas, awaitedToEnd });
  return {
    type: 'service',
    workspace: facts.workspace,
    name: name as ServiceName,
    image: service.image ?? builtImageName(facts.project.name, name),
    built: service.build !== undefined,
    middleware: middlewareRecord(facts.project, name),
    disabled: !Object.hasOwn(facts.project.services, name),
    oneShot: awaitedToEnd || status.type === 'done',
    status,
    replicas: replicas.map(replicaOf),
    wantedReplicas: wantedReplicas(name, service, {}),
    ports: publishedPorts(service, replicas),
    webPort: gatewayRoute(facts.project, name, replicas)?.port,
    dependsOn: dependenciesOf(service),
    diverged: facts.diverged[name],
    failure: facts.cards[name],
    swap: facts.swaps?.[name],
    ...(middlewareOf(facts.project, name)?.profile.client ? { hasClient: true } : {}),
    ...(service.stdin_open ? { readsInput: true } : {}),
  };
}

const dependenciesOf = perObject((service: Service) =>
  Object.entries(service.depends_on ?? {}).map(([target, { condition, required }]) => ({
    service: target as ServiceName,
    condition,
    required,
  })),
);

function statusOf(
  facts: ProjectFacts,
  own: {
    readonly name: string;
    readonly service: Service;
    readonly replicas: readonly ObservedContainer[];
    readonly awaitedToEnd: boolean;
  },
): ServiceStatus {
  const { service, replicas, awaitedToEnd } = own;
  return reduceStatus({
    replicas,
    awaitedToEnd,
    activity: activityOf(own.name, facts.run),
    get unmet() {
      return unmetOf(facts, service);
    },
    get blocked() {
      return isBlocked(facts, service);
    },
    failure: facts.failures[own.name],
    serves: serves(service, replicas),
  });
}

function unmetOf(facts: ProjectFacts, service: Pick<Service, 'depends_on'>) {
  return unmetDependencies(service.depends_on ?? {}, (name) => replicasOf(facts.observed, name));
}

/** Whether it waits for one that has failed: directly, or over others that wait themselves. */
export function isBlocked(facts: ProjectFacts, service: Pick<Service, 'depends_on'>): boolean {
  if (Object.keys(facts.failures).length === 0) return false;
  const seen = new Set<string>();
  const queue: string[] = unmetOf(facts, service).map(({ service: target }) => target);
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (facts.failures[name] !== undefined) return true;
    queue.push(...unmetOf(facts, facts.project.services[name] ?? {}).map(({ service: target }) => target));
  }
  return false;
}

function serves(service: Service, replicas: readonly ObservedContainer[]): boolean {
  const restarts = service.restart !== undefined && service.restart !== 'no' && service.restart !== '';
  const published = (service.ports?.length ?? 0) > 0 || (service.expose?.length ?? 0) > 0;
  return restarts || published || replicas.some((replica) => replica.hasHealthcheck);
}

function middlewareRecord(project: Project, name: string): ServiceRecord['middleware'] {
  const found = middlewareOf(project, name);
  if (found === undefined) return undefined;
  const { product, title } = found.profile;
  return { product, title, version: found.version?.tag ?? '' };
}

const replicaOf = perObject(
  (container: ObservedContainer): Replica => ({
    id: container.id,
    number: container.number,
    name: container.name,
    state: container.state,
    health: container.health,
    exitCode: container.exitCode,
    oomKilled: container.oomKilled,
    restartCount: container.restartCount,
    startedAt: container.startedAt,
    finishedAt: container.finishedAt,
    image: container.image,
    imageId: container.imageId,
    lastHealth: container.lastHealth,
  }),
);

/** Active profiles and who is in them. */
export const reduceProfiles = perObject((project: Project) => {
  const all = allServices(project);
  const names = [...new Set(Object.values(all).flatMap((service) => service.profiles ?? []))].sort();
  return names.map((name) => ({
    name,
    active: isEnabled({ profiles: [name] }, project.profiles),
    services: Object.keys(all).filter((key) => all[key]?.profiles?.includes(name)) as ServiceName[],
  }));
});
