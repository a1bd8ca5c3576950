import type { Service } from '#compose/project.ts';
import type { ServiceName } from '#contract/ids.ts';
import { PlanBuilder } from './builder.ts';
import { imageName } from './containerBody/containerBody.ts';
import type { ServiceDecision } from './decide.ts';
import { type ReconcileInput, replicasOf, serviceOf } from './input.ts';
import type { ObservedImage } from './observed.ts';
import type { Plan } from './plan.ts';
import { selectServices } from './select.ts';
import type { Work } from './work.ts';
import { asServiceName } from './work.ts';

type ImageNeed =
  | { readonly type: 'none' }
  | { readonly type: 'pull'; readonly cause: string; readonly onFailure: 'fail' | 'tolerate' }
  | { readonly type: 'build'; readonly cause: string };

type Builds = Pick<Work, 'input' | 'builder' | 'imageSteps'>;

/** Pulls and builds, each image once, in the order in which services start. */
export function planImages(work: Work): void {
  const needy = work.selection.ordered.filter((name) => makesContainers(work.decisions.get(name)));
  const services = needy.map((name) => ({ name, need: imageNeed(work.input, name) }));
  addImageSteps(work, services);
}

function makesContainers(decision: ServiceDecision | undefined): boolean {
  return decision?.actions.some((action) => action.type === 'create' || action.type === 'recreate') === true;
}

/**
 * Whether images must be fetched before a plan can be made at all: a container is there whose image is to be pulled or
 * built anew, and only afterwards is it known whether it has changed. Undefined when one plan is enough.
 */
export function imagesFirst(input: ReconcileInput): Plan | undefined {
  const selection = selectServices(input.project, input.options);
  const renewed = selection.ordered.filter(
    (name) => isRenewed(input, name) && replicasOf(input.observed, name).length > 0,
  );
  return renewed.length === 0 ? undefined : imagePlan(input, renewed);
}

/** A plan that only pulls (`pull`) or builds (`build`) the images of these services. */
export function planOnlyImages(input: ReconcileInput, kind: 'pull' | 'build'): Plan {
  const selection = selectServices(input.project, input.options);
  const names = selection.ordered.filter((name) => {
    const { build, provider } = serviceOf(input.project, name);
    const built = build !== undefined;
    return provider === undefined && selection.named.has(name) && built === (kind === 'build');
  });
  const options = { ...input.options, [kind]: 'always' as const };
  return imagePlan({ ...input, options }, names);
}

function imagePlan(input: ReconcileInput, names: readonly string[]): Plan {
  const builder = new PlanBuilder();
  const services = names.map((name) => ({ name, need: imageNeed(input, name) }));
  addImageSteps({ input, builder, imageSteps: new Map() }, services);
  return builder.build();
}

function isRenewed(input: ReconcileInput, name: string): boolean {
  const present = input.observed.images[imageName(input.project, name, serviceOf(input.project, name))];
  return present !== undefined && imageNeed(input, name).type !== 'none';
}

/** What a service's image needs before a container can be made of it. */
export function imageNeed(input: ReconcileInput, name: string): ImageNeed {
  const service = serviceOf(input.project, name);
  const present = input.observed.images[imageName(input.project, name, service)];
  if (service.provider !== undefined || (input.options.imagesDone && present)) return { type: 'none' };
  return service.build === undefined
    ? pullNeed(input, service, present)
    : buildNeed(input, service, present !== undefined);
}

function buildNeed(input: ReconcileInput, service: Service, present: boolean): ImageNeed {
  const policy = input.options.build ?? 'missing';
  if (policy === 'never') return { type: 'none' };
  if (policy === 'always') return { type: 'build', cause: 'build was asked for' };
  if (service.pull_policy === 'build') return { type: 'build', cause: 'pull_policy is build' };
  return present ? { type: 'none' } : { type: 'build', cause: 'no image yet' };
}

function pullNeed(input: ReconcileInput, service: Service, present: ObservedImage | undefined): ImageNeed {
  const policy = input.options.pull ?? service.pull_policy ?? 'missing';
  if (policy === 'never') return { type: 'none' };
  if (present === undefined) return { type: 'pull', cause: 'image is not here', onFailure: 'fail' };
  // Present already: a registry that is away for the moment must not stop a boot.
  if (policy === 'always') return { type: 'pull', cause: 'pull was asked for', onFailure: 'tolerate' };
  const mostMs = refreshMs(policy);
  if (mostMs === undefined || input.observed.at - (present.taggedAt ?? 0) < mostMs) return { type: 'none' };
  return { type: 'pull', cause: `pull_policy is ${policy}`, onFailure: 'tolerate' };
}

const HOUR_MS = 3_600_000;
const UNITS_MS: Readonly<Record<string, number>> = {
  w: 7 * 24 * HOUR_MS,
  d: 24 * HOUR_MS,
  h: HOUR_MS,
  m: 60_000,
  s: 1_000,
};

/** How old an image may get: `daily`, `weekly`, `every_1d12h`. Source: compose-spec. */
function refreshMs(policy: string): number | undefined {
  if (policy === 'daily') return UNITS_MS['d'];
  if (policy === 'weekly') return UNITS_MS['w'];
  const text = /^every_(.+)$/.exec(policy)?.[1];
  const parts = [...(text ?? '').matchAll(/(\d+)([wdhms])/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0), 0);
}

function addImageSteps(
  work: Builds,
  services: readonly { readonly name: string; readonly need: ImageNeed }[],
): void {
  const pulls = new Map<string, ServiceName[]>();
  for (const { name, need } of services) {
    if (need.type !== 'pull') continue;
    const key = pullKey(work.input, name);
    const pulled = pulls.get(key) ?? [];
    pulled.push(asServiceName(name));
    pulls.set(key, pulled);
  }
  const added = new Map<string, number>();
  for (const { name, need } of services) {
    if (need.type === 'build') addBuild(work, name, need.cause);
    if (need.type !== 'pull') continue;
    const key = pullKey(work.input, name);
    const step = added.get(key) ?? addPull(work, name, { need, services: pulls.get(key) ?? [] });
    added.set(key, step);
    work.imageSteps.set(name, step);
  }
}

function pullKey(input: ReconcileInput, name: string): string {
  const service = serviceOf(input.project, name);
  return `${imageName(input.project, name, service)}\n${service.platform ?? ''}`;
}

function addPull(
  work: Builds,
  name: string,
  own: { readonly need: ImageNeed & { type: 'pull' }; readonly services: readonly ServiceName[] },
): number {
  const service = serviceOf(work.input.project, name);
  const [only, ...others] = own.services;
  return work.builder.add({
    kind: 'pull',
    image: imageName(work.input.project, name, service),
    platform: service.platform,
    services: own.services,
    onFailure: own.need.onFailure,
    after: [],
    cause: own.need.cause,
    ...(others.length === 0 ? { service: only } : {}),
  });
}

/** A build may start from the image of another service: `additional_contexts: {base: service:base}`. */
function addBuild(work: Builds, name: string, cause: string): number {
  const known = work.imageSteps.get(name);
  if (known !== undefined) return known;
  const service = serviceOf(work.input.project, name);
  const bases = Object.values(service.build?.additional_contexts ?? {})
    .filter((context) => context.startsWith('service:'))
    .map((context) => context.slice('service:'.length))
    .filter((base) => base !== name && Object.hasOwn(work.input.project.services, base))
    .filter((base) => imageNeed(work.input, base).type === 'build');
  const after = bases.map((base) => addBuild(work, base, `${name} is built from it`));
  const step = work.builder.add({
    kind: 'build',
    service: asServiceName(name),
    image: imageName(work.input.project, name, service),
    after,
    cause,
  });
  work.imageSteps.set(name, step);
  return step;
}
