import { dependenciesOf, levels } from '#compose/graph.ts';
import type { Condition, Project } from '#compose/project.ts';
import { PlanBuilder } from './builder.ts';
import { probeOf } from './conditions.ts';
import { graceSeconds } from './containerBody/containerBody.ts';
import { planHooks } from './hooks.ts';
import type { ReconcileInput } from './input.ts';
import { isAwaitedToEnd, isDone, replicasOf, serviceOf } from './input.ts';
import type { ObservedContainer } from './observed.ts';
import type { Plan } from './plan.ts';
import { reconcile } from './reconcile.ts';
import type { TeardownInput } from './teardown.ts';
import { asServiceName, existing } from './work.ts';

/**
 * Restarts the named services (all without a name) and whoever says `restart: true` about one of them, each after what
 * it depends on. A finished one-shot is only run again when it is named.
 */
export function planRestart(input: TeardownInput): Plan {
  const { project, observed } = input;
  const named = input.services?.length ? input.services : Object.keys(project.services);
  const explicit = input.services?.length !== undefined && input.services.length > 0;
  const chosen = new Set(named);
  for (const name of levels(project.services).flat())
    for (const [target, dependency] of dependenciesOf(project.services, name))
      if (dependency.restart === true && named.includes(target)) chosen.add(name);
  const builder = new PlanBuilder();
  const steps = new Map<string, number[]>();
  for (const name of levels(project.services)
    .flat()
    .filter((entry) => chosen.has(entry))) {
    const after = dependenciesOf(project.services, name).flatMap(([target]) => steps.get(target) ?? []);
    const replicas = replicasOf(observed, name).filter((entry) => explicit || !isDone(project, entry));
    const cause = named.includes(name) ? 'restart was asked for' : 'restarted with what it depends on';
    const restarts = replicas.map((container) =>
      restartReplica(builder, input, { name, container, after, cause }),
    );
    steps.set(name, restarts);
    if (restarts.length > 0) addAwait(builder, input, { name, replicas, after: restarts });
  }
  return builder.build();
}

/** With the hooks that the file has for its stop and its start. Returns the last step. */
function restartReplica(
  builder: PlanBuilder,
  { project, graceSeconds: grace }: TeardownInput,
  own: {
    readonly name: string;
    readonly container: ObservedContainer;
    readonly after: readonly number[];
    readonly cause: string;
  },
): number {
  const { name, cause } = own;
  const service = serviceOf(project, name);
  const container = existing(own.container);
  const hooks = planHooks(builder, name, {
    hooks: own.container.state === 'running' ? (service.pre_stop ?? []) : [],
    when: 'preStop',
    container,
    after: own.after,
  });
  const restart = builder.add({
    kind: 'restart',
    service: asServiceName(name),
    container,
    graceSeconds: grace ?? graceSeconds(service),
    after: hooks === 0 ? own.after : [hooks],
    cause,
  });
  const started = planHooks(builder, name, {
    hooks: service.post_start ?? [],
    when: 'postStart',
    container,
    after: [restart],
  });
  return started === 0 ? restart : started;
}

/** A restart is done when what was restarted is ready again, and has failed where it does not come up. */
function addAwait(
  builder: PlanBuilder,
  { project }: TeardownInput,
  own: {
    readonly name: string;
    readonly replicas: readonly ObservedContainer[];
    readonly after: readonly number[];
  },
): void {
  const { name, replicas, after } = own;
  builder.add({
    kind: 'await',
    service: asServiceName(name),
    condition: conditionOf(project, name, replicas),
    containers: replicas.map(existing),
    withoutCheck: 'ready',
    required: true,
    probe: probeOf(project, name),
    after,
    cause: 'restart waits until it is ready',
  });
}

function conditionOf(project: Project, name: string, replicas: readonly ObservedContainer[]): Condition {
  if (isAwaitedToEnd(project, name)) return 'service_completed_successfully';
  return replicas.every(({ health }) => health === 'none') ? 'service_started' : 'service_healthy';
}

/** Starts what exists and does not run, in the order of dependencies; creates and recreates nothing. */
export function planStart(input: ReconcileInput): Plan {
  return reconcile({ ...input, options: { ...input.options, create: 'never', recreate: 'never' } });
}
