import { bodyWarnings, containerBody, imageName } from './containerBody/containerBody.ts';
import type { BodyContext } from './containerBody/context.ts';
import { finalName, type ReplicaAction, type ServiceDecision, temporaryName } from './decide.ts';
import type { ObservedContainer } from './observed.ts';
import type { Reference } from './plan.ts';
import { linksFor, referencesOf, withExistingIds } from './references.ts';
import { isUp, stopContainer } from './stopContainer.ts';
import { asServiceName, existing, replicaKey, type Work } from './work.ts';

/** The creations of one service. The old container of a recreate is not touched by these. */
export function planCreations(work: Work, decision: ServiceDecision): void {
  for (const action of decision.actions) {
    if (action.type === 'create')
      createReplica(work, decision, { number: action.number, cause: action.cause });
    if (action.type === 'recreate')
      createReplica(work, decision, {
        number: action.number,
        cause: action.cause,
        replaced: action.container,
      });
  }
}

function createReplica(
  work: Work,
  decision: ServiceDecision,
  own: { readonly number: number; readonly cause: string; readonly replaced?: ObservedContainer },
): void {
  const { input } = work;
  const name = finalName(input, decision.name, own.number, decision.service);
  const image = input.observed.images[imageName(input.project, decision.name, decision.service)];
  const imageFrom = work.imageSteps.get(decision.name) ?? 0;
  const references = referencesOf(work, decision.service);
  const unresolved = references.some(({ target }) => target.type === 'created');
  const service = withExistingIds(decision.service, references);
  const context: Omit<BodyContext, 'configHash'> = {
    project: input.project,
    service,
    serviceName: decision.name,
    number: own.number,
    apiVersion: input.apiVersion,
    imageId: imageFrom === 0 ? image?.id : undefined,
    imageVolumes: image?.volumes ?? [],
    links: linksFor(work, decision, own.number),
    inherit: own.replaced?.mounts ?? [],
    replaces: own.replaced && `${decision.service.container_name ?? `${decision.name}-${own.number}`}`,
  };
  for (const message of bodyWarnings(context)) work.builder.warn({ service: decision.name, message });
  const made = once(() => containerBody({ ...context, configHash: input.hashes.of(service) }));
  const step = work.builder.add({
    kind: 'create',
    service: asServiceName(decision.name),
    number: own.number,
    name: own.replaced === undefined ? name : temporaryName(own.replaced, name),
    platform: decision.service.platform,
    imageFrom,
    references,
    ...(unresolved ? { unresolved: decision.service } : {}),
    after: creationNeeds(work, decision, references),
    cause: own.cause,
    // A plan is looked at more often than it is run: what goes to the engine is made when somebody asks for it.
    get body() {
      return made().body;
    },
    get connect() {
      return made().connect;
    },
    get files() {
      return made().files;
    },
  });
  work.createSteps.set(replicaKey(decision.name, own.number), step);
  work.readyToStart.set(replicaKey(decision.name, own.number), step);
}

/** What must be there before a container can be made: image, networks, volumes and the containers that it refers to. */
function creationNeeds(work: Work, decision: ServiceDecision, references: readonly Reference[]): number[] {
  const { networks, volumes } = work.input.project;
  const { service } = decision;
  const networkSteps = service.network_mode
    ? []
    : Object.keys(service.networks ?? {}).map((key) => work.networkSteps.get(networks[key]?.name ?? key));
  const volumeSteps = (service.volumes ?? []).map((volume) =>
    work.volumeSteps.get(volumes[volume.source ?? '']?.name ?? ''),
  );
  const linked = (service.links ?? []).flatMap((link) => {
    const target = work.decisions.get(link.split(':')[0] ?? '');
    return (target?.actions ?? []).map((action) =>
      'number' in action ? work.createSteps.get(replicaKey(target?.name ?? '', action.number)) : 0,
    );
  });
  const referred = references.map(({ target }) => (target.type === 'created' ? target.step : 0));
  const all = [work.imageSteps.get(decision.name), ...networkSteps, ...volumeSteps, ...linked, ...referred];
  return all.filter((step) => step !== undefined);
}

/**
 * Takes the old containers away once the new ones are there: stop, remove, rename. Until the removal the old one can
 * be started again. Its anonymous volumes stay: the new container has them.
 */
export function planReplacements(work: Work, decision: ServiceDecision): void {
  for (const action of decision.actions) {
    if (action.type === 'recreate') replace(work, decision, action);
    if (action.type === 'finish') finish(work, decision, action);
  }
}

function replace(
  work: Work,
  decision: ServiceDecision,
  action: ReplicaAction & { readonly type: 'recreate' },
): void {
  const key = replicaKey(decision.name, action.number);
  const created = work.createSteps.get(key) ?? 0;
  const removed = removeOld(work, action.container, { cause: action.cause, after: created });
  const name = finalName(work.input, decision.name, action.number, decision.service);
  const renamed = work.builder.add({
    kind: 'rename',
    service: asServiceName(decision.name),
    container: { type: 'created', step: created, name: temporaryName(action.container, name) },
    to: name,
    after: [removed],
    cause: action.cause,
  });
  work.readyToStart.set(key, renamed);
}

function finish(
  work: Work,
  decision: ServiceDecision,
  action: ReplicaAction & { readonly type: 'finish' },
): void {
  const removed =
    action.old === undefined ? 0 : removeOld(work, action.old, { cause: action.cause, after: 0 });
  const renamed = work.builder.add({
    kind: 'rename',
    service: asServiceName(decision.name),
    container: existing(action.replacement),
    to: finalName(work.input, decision.name, action.number, decision.service),
    after: [removed],
    cause: action.cause,
  });
  work.readyToStart.set(replicaKey(decision.name, action.number), renamed);
}

function removeOld(
  work: Work,
  container: ObservedContainer,
  why: { readonly cause: string; readonly after: number },
): number {
  const dependents = stopDependents(work, container.service, why.cause);
  const stopped = stopContainer(work, container, { cause: why.cause, after: [why.after, ...dependents] });
  return work.builder.add({
    kind: 'remove',
    service: asServiceName(container.service),
    container: existing(container),
    anonymousVolumes: 'keep',
    after: [stopped, why.after],
    cause: why.cause,
  });
}

/** Who is restarted because of this service stops before it goes. */
function stopDependents(work: Work, name: string, cause: string): number[] {
  return [...work.decisions.values()]
    .filter((decision) => decision.service.depends_on?.[name]?.restart === true)
    .flatMap((decision) => decision.actions)
    .filter((action) => action.type === 'restart')
    .map((action) => stopContainer(work, action.container, { cause: `${name}: ${cause}`, after: [] }));
}

/** Containers that are too many go, with the anonymous volumes that only they have. */
export function planSurplus(work: Work, decision: ServiceDecision): void {
  for (const { container, cause } of decision.surplus) removeContainer(work, container, cause);
}

/** Stop and remove. Returns the removal. */
export function removeContainer(
  work: Pick<Work, 'input' | 'builder' | 'stopSteps'>,
  container: ObservedContainer,
  cause: string,
): number {
  const stopped = isUp(container) ? stopContainer(work, container, { cause, after: [] }) : 0;
  return work.builder.add({
    kind: 'remove',
    service: asServiceName(container.service),
    container: existing(container),
    anonymousVolumes: 'keep',
    after: [stopped],
    cause,
  });
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
