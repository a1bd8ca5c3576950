import { dependenciesOf } from '#compose/graph.ts';
import { gatesFor } from './conditions.ts';
import { publishesRange } from './containerBody/ports.ts';
import type { ReplicaAction, ServiceDecision } from './decide.ts';
import { planHooks } from './hooks.ts';
import { targetOf } from './references.ts';
import { asServiceName, replicaKey, type Work } from './work.ts';

/** The starts of one service, each after what the service depends on. */
export function planStarts(work: Work, decision: ServiceDecision): void {
  const needed = decision.actions.filter((action) => action.type !== 'keep');
  if (needed.length === 0) return;
  const gates = dependenciesOf(work.input.project.services, decision.name).flatMap(([name, dependency]) =>
    gatesFor(work, name, { dependent: decision.name, dependency }),
  );
  warnMissing(work, decision);
  const starts = needed.map((action) => startReplica(work, decision, { action, gates }));
  work.startSteps.set(decision.name, starts);
}

/** A dependency that need not be there, and is not. */
function warnMissing(work: Work, decision: ServiceDecision): void {
  for (const [name, dependency] of Object.entries(decision.service.depends_on ?? {})) {
    if (Object.hasOwn(work.input.project.services, name) || dependency.required) continue;
    work.builder.warn({ service: decision.name, message: `started without ${name}, which is not enabled` });
  }
}

function startReplica(
  work: Work,
  decision: ServiceDecision,
  own: { readonly action: Exclude<ReplicaAction, { type: 'keep' }>; readonly gates: readonly number[] },
): number {
  const { action, gates } = own;
  const number = 'number' in action ? action.number : action.container.number;
  const container = targetOf(work, decision, action);
  const paused = action.type === 'start' && action.container.state === 'paused';
  const step = work.builder.add({
    kind: 'start',
    service: asServiceName(decision.name),
    number,
    container,
    how: paused ? 'unpause' : 'start',
    ports: publishesRange(decision.service) ? 'serial' : 'any',
    after: [...readiness(work, decision, action), ...gates, ...work.orphanSteps],
    cause: action.cause,
  });
  const hooks = planHooks(work.builder, decision.name, {
    hooks: paused ? [] : (decision.service.post_start ?? []),
    when: 'postStart',
    container,
    after: [step],
  });
  return hooks === 0 ? step : hooks;
}

function readiness(work: Work, decision: ServiceDecision, action: ReplicaAction): number[] {
  if ('number' in action) return [work.readyToStart.get(replicaKey(decision.name, action.number)) ?? 0];
  return [work.stopSteps.get(action.container.id) ?? 0];
}
