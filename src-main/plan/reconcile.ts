import { PlanBuilder } from './builder.ts';
import { planReady } from './conditions.ts';
import { planCreations, planReplacements, planSurplus } from './containers.ts';
import { decideService, type ServiceDecision } from './decide.ts';
import { planImages } from './images.ts';
import type { ReconcileInput } from './input.ts';
import { decideNetworks, planNetworks } from './networks.ts';
import { planOrphans } from './orphans.ts';
import type { Plan } from './plan.ts';
import { propagate } from './propagate.ts';
import { selectServices } from './select.ts';
import { planStarts } from './starts.ts';
import { stopContainer } from './stopContainer.ts';
import { planVolumes } from './volumes.ts';
import type { Work } from './work.ts';

/**
 * The plan that makes what is observed into what the files ask for, and changes nothing else. Pure and synchronous:
 * the same input gives the same plan, step for step. Throws `notFound` for a service, an external network or an
 * external volume that does not exist.
 */
export function reconcile(input: ReconcileInput): Plan {
  const work = prepare(input);
  const { networks } = work;
  const inOrder = [...work.decisions.values()];
  planOrphans(work);
  planImages(work);
  planNetworks(work, networks);
  planVolumes(work);
  for (const decision of inOrder) planCreations(work, decision);
  for (const decision of inOrder) planReplacements(work, decision);
  for (const decision of inOrder) planRestartStops(work, decision);
  for (const decision of inOrder) planStarts(work, decision);
  for (const decision of inOrder) planSurplus(work, decision);
  if (input.options.until !== 'started') planReady(work);
  return work.builder.build();
}

/** Why a boot would touch each service, by name; services that match the file are left out. */
export function divergedServices(input: ReconcileInput): Record<string, string> {
  const { decisions } = prepare(input);
  const found: Record<string, string> = {};
  for (const decision of decisions.values()) {
    const action = decision.actions.find((entry) => entry.type === 'recreate' || entry.type === 'finish');
    if (action !== undefined && 'cause' in action) found[decision.name] = action.cause;
  }
  return found;
}

function prepare(input: ReconcileInput): Work & { readonly networks: ReturnType<typeof decideNetworks> } {
  const selection = selectServices(input.project, input.options);
  const networks = decideNetworks(input, selection);
  const alone = selection.ordered.map((name) => decideService(input, name, selection));
  return {
    input,
    builder: new PlanBuilder(),
    selection,
    networks,
    decisions: propagate(input, alone, networks),
    networkSteps: new Map(),
    volumeSteps: new Map(),
    imageSteps: new Map(),
    stopSteps: new Map(),
    createSteps: new Map(),
    readyToStart: new Map(),
    startSteps: new Map(),
    awaitSteps: new Map(),
    orphanSteps: [],
  };
}

/** Whoever is restarted stops before it starts, whether or not something had to wait for that. */
function planRestartStops(work: Work, decision: ServiceDecision): void {
  for (const action of decision.actions)
    if (action.type === 'restart') stopContainer(work, action.container, { cause: action.cause, after: [] });
}
