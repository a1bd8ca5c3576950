import { perObject } from '#base/perObject.ts';
import type { Condition, Dependency, Project } from '#compose/project.ts';
import { imageName } from './containerBody/containerBody.ts';
import type { ReplicaAction, ServiceDecision } from './decide.ts';
import { isAwaitedToEnd, isDone } from './input.ts';
import { targetOf } from './references.ts';
import { asServiceName, type Work } from './work.ts';

/** The steps that must be done before a dependent may start. None where the condition holds already. */
export function gatesFor(
  work: Work,
  name: string,
  own: { readonly dependent: string; readonly dependency: Dependency },
): number[] {
  const decision = work.decisions.get(name);
  if (decision === undefined || decision.service.provider !== undefined) return [];
  if (decision.actions.length === 0) {
    work.builder.warn({ service: own.dependent, message: `${name} has no container to wait for` });
    return [];
  }
  const { condition, required } = own.dependency;
  if (decision.actions.every((action) => holds(work, action, condition))) return [];
  // What must have started has started when its step is done; only a failure that is allowed needs a step of its own.
  if (condition === 'service_started' && required) return work.startSteps.get(name) ?? [];
  return [
    awaitStep(work, decision, { condition, required, cause: dependentsCause(work, name, own.dependency) }),
  ];
}

function holds(work: Work, action: ReplicaAction, condition: Condition): boolean {
  if (action.type !== 'keep') return false;
  const { container } = action;
  switch (condition) {
    case 'service_started':
      return true;
    case 'service_healthy':
      return container.state === 'running' && container.health === 'healthy';
    case 'service_completed_successfully':
      return isDone(work.input.project, container);
  }
}

const asSet = perObject((names: readonly string[]) => new Set(names));
const dependentsIn = perObject((services: Project['services']) => {
  const dependents = new Map<string, string[]>();
  for (const [name, service] of Object.entries(services).sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const target of Object.keys(service.depends_on ?? {}))
      dependents.set(target, [...(dependents.get(target) ?? []), name]);
  return dependents;
});

/** `web depends on db`, `api, web depend on db`. */
function dependentsCause(work: Work, name: string, dependency: Dependency): string {
  const dependents = (dependentsIn(work.input.project.services).get(name) ?? []).filter((other) => {
    const found = work.input.project.services[other]?.depends_on?.[name];
    const isSame = found?.condition === dependency.condition && found.required === dependency.required;
    return isSame && asSet(work.selection.ordered).has(other);
  });
  return `${dependents.join(', ')} ${dependents.length === 1 ? 'depends' : 'depend'} on ${name}`;
}

function awaitStep(
  work: Work,
  decision: ServiceDecision,
  own: {
    readonly condition: Condition;
    readonly required: boolean;
    readonly cause: string;
    readonly end?: true;
  },
): number {
  const key = `${decision.name} ${own.condition} ${own.required} ${own.end ?? false}`;
  const known = work.awaitSteps.get(key);
  if (known !== undefined) return known;
  const step = work.builder.add({
    kind: 'await',
    service: asServiceName(decision.name),
    condition: own.condition,
    containers: decision.actions.map((action) => targetOf(work, decision, action)),
    withoutCheck: own.end ? 'ready' : 'fail',
    required: own.required,
    probe: probeOf(work.input.project, decision.name),
    after: work.startSteps.get(decision.name) ?? [],
    cause: own.cause,
  });
  work.awaitSteps.set(key, step);
  return step;
}

/** `x-slipway: {probe: false}` leaves the checking to the engine. */
export function probeOf(project: Project, name: string): 'eager' | 'engine' {
  const extension = project.serviceExtensions[name]?.['x-slipway'];
  if (typeof extension !== 'object' || extension === null) return 'eager';
  return 'probe' in extension && extension.probe === false ? 'engine' : 'eager';
}

/** At the end of a boot: every service that can tell when it is ready has told so. */
export function planReady(work: Work): void {
  for (const name of work.selection.ordered) {
    const decision = work.decisions.get(name);
    if (decision === undefined || decision.actions.length === 0) continue;
    const condition = finalCondition(work, decision);
    if (isAwaited(work, name, condition)) continue;
    if (decision.actions.every((action) => holds(work, action, condition))) continue;
    awaitStep(work, decision, {
      condition,
      required: true,
      cause: 'boot waits until it is ready',
      end: true,
    });
  }
}

function isAwaited(work: Work, name: string, condition: Condition): boolean {
  return work.awaitSteps.has(`${name} ${condition} true false`);
}

/** What has no healthcheck of its own, and gets none with its image, can only be seen to stay up. */
function finalCondition(work: Work, decision: ServiceDecision): Condition {
  if (isAwaitedToEnd(work.input.project, decision.name)) return 'service_completed_successfully';
  const check = decision.service.healthcheck;
  if (check?.disable || check?.test?.[0] === 'NONE') return 'service_started';
  if (check?.test?.length) return 'service_healthy';
  const image = work.input.observed.images[imageName(work.input.project, decision.name, decision.service)];
  const known = image !== undefined && !work.imageSteps.has(decision.name);
  return known && !image.hasHealthcheck ? 'service_started' : 'service_healthy';
}
