import { dependenciesOf } from '#compose/graph.ts';
import type { ReplicaAction, ServiceDecision } from './decide.ts';
import type { ReconcileInput } from './input.ts';
import type { NetworkDecision } from './networks.ts';
import { sharedServices } from './sharedContainers.ts';
import { isUp } from './stopContainer.ts';

/**
 * What one service's change does to the others: who shares its network or volumes is recreated with it, who says
 * `restart: true` is restarted, and everything on a network that is recreated is recreated. Dependencies come first.
 */
export function propagate(
  input: ReconcileInput,
  decisions: readonly ServiceDecision[],
  networks: ReadonlyMap<string, NetworkDecision>,
): Map<string, ServiceDecision> {
  const result = new Map<string, ServiceDecision>();
  for (const decision of decisions) {
    const cause = recreateCause(input, decision, { networks, before: result });
    const actions =
      cause === undefined
        ? withRestarts(input, decision, result)
        : decision.actions.map((action) => recreated(action, cause));
    result.set(decision.name, { ...decision, actions });
  }
  return result;
}

function recreateCause(
  input: ReconcileInput,
  decision: ServiceDecision,
  known: {
    readonly networks: ReadonlyMap<string, NetworkDecision>;
    readonly before: ReadonlyMap<string, ServiceDecision>;
  },
): string | undefined {
  if (input.options.recreate === 'never') return undefined;
  const { service } = decision;
  const keys = service.network_mode ? [] : Object.keys(service.networks ?? {}).sort();
  const changed = keys.find((key) => known.networks.get(key)?.type === 'recreate');
  if (changed !== undefined) return `network ${changed} is recreated`;
  const renewed = sharedServices(service).find((name) => isRenewed(known.before.get(name)));
  return renewed === undefined ? undefined : `shares with ${renewed}, which is recreated`;
}

/** Whether it gets another container than it had. */
function isRenewed(decision: ServiceDecision | undefined): boolean {
  const renewing = new Set<ReplicaAction['type']>(['create', 'recreate', 'finish']);
  return decision?.actions.some((action) => renewing.has(action.type)) === true;
}

function recreated(action: ReplicaAction, cause: string): ReplicaAction {
  switch (action.type) {
    case 'keep':
    case 'start':
    case 'restart':
      return { type: 'recreate', number: action.container.number, container: action.container, cause };
    case 'create':
    case 'recreate':
    case 'finish':
      return action;
  }
}

function withRestarts(
  input: ReconcileInput,
  decision: ServiceDecision,
  before: ReadonlyMap<string, ServiceDecision>,
): readonly ReplicaAction[] {
  const changed = dependenciesOf(input.project.services, decision.name).find(
    ([name, dependency]) => dependency.restart === true && isRecreated(before.get(name)),
  );
  if (changed === undefined) return decision.actions;
  const cause = `depends on ${changed[0]}, which is recreated`;
  return decision.actions.map((action) =>
    action.type === 'keep' && isUp(action.container)
      ? { type: 'restart', container: action.container, cause }
      : action,
  );
}

/** Recreated, as opposed to created for the first time: nobody can have depended on that. */
function isRecreated(decision: ServiceDecision | undefined): boolean {
  return decision?.actions.some((action) => action.type === 'recreate' || action.type === 'finish') === true;
}
