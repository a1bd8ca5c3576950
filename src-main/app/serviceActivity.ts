import type { Dependency } from '#compose/project.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { Condition, ServiceStatus } from '#contract/model.ts';
import type { StepRecord } from '#contract/runModel.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { RunTracker } from './runTracker.ts';

/** What the run at work has to do with one service. */
export type ServiceActivity =
  | { readonly type: 'none' }
  | Extract<ServiceStatus, { type: 'working' }>
  /** Its turn has not come. `next` is what it will do first. */
  | { readonly type: 'pending'; readonly next: StepRecord; readonly blockedBy?: StepRecord | undefined };

/** Steps that change the service itself. A wait belongs to the one waited for, and is seen in its container. */
function isWork(step: StepRecord): boolean {
  return step.kind !== 'await';
}

/** Reads one service's part of the run; a run that has ended has none. */
export function activityOf(service: string, run: RunTracker | undefined): ServiceActivity {
  if (run === undefined || !run.active) return { type: 'none' };
  const own = run.stepsOf(service).filter(isWork);
  const working = own.find((step) => step.status === 'running');
  if (working) return workingOn(working);
  const next = own.find((step) => step.status === 'waiting');
  if (next === undefined) return { type: 'none' };
  return {
    type: 'pending',
    next,
    get blockedBy() {
      return blocker(next, run.steps);
    },
  };
}

export function workingOn(step: StepRecord): Extract<ServiceStatus, { type: 'working' }> {
  return {
    type: 'working',
    on: step.kind,
    since: step.startedAt ?? 0,
    ...(step.progress === undefined ? {} : { progress: step.progress }),
    ...(step.note === undefined ? {} : { note: step.note }),
  };
}

/** A step that runs now and that `step` waits for, directly or over others. */
function blocker(step: StepRecord, steps: readonly StepRecord[]): StepRecord | undefined {
  const seen = new Set<number>();
  const queue = [...step.after];
  for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const before = steps[index - 1];
    if (before === undefined) continue;
    if (before.status === 'running') return before;
    if (before.status === 'waiting') queue.push(...before.after);
  }
  return undefined;
}

/** The dependencies whose condition does not hold yet. */
export function unmetDependencies(
  dependsOn: Readonly<Record<string, Dependency>>,
  replicasOf: (service: string) => readonly ObservedContainer[],
): { readonly service: ServiceName; readonly condition: Condition }[] {
  return Object.entries(dependsOn)
    .filter(([name, { condition }]) => !isMet(condition, replicasOf(name)))
    .map(([name, { condition }]) => ({ service: name as ServiceName, condition }));
}

function isMet(condition: Condition, replicas: readonly ObservedContainer[]): boolean {
  if (replicas.length === 0) return false;
  switch (condition) {
    case 'service_started':
      return replicas.every((replica) => replica.startedAt !== undefined && replica.state !== 'created');
    case 'service_healthy':
      return replicas.every((replica) => replica.state === 'running' && replica.health === 'healthy');
    case 'service_completed_successfully':
      return replicas.every((replica) => replica.state === 'exited' && replica.exitCode === 0);
  }
}
