import type { Service } from '#compose/project.ts';
import type { ContainerId } from '#contract/ids.ts';
import { PlanBuilder } from '#plan/builder.ts';
import { type ReconcileInput, replicasOf, serviceOf, wantedReplicas } from '#plan/input.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { AwaitStep, CreateStep, Plan, Step, StepDraft, Target } from '#plan/plan.ts';
import { reconcile } from '#plan/reconcile.ts';

/** One container that another takes the place of, so that a failure can be undone. */
export interface Replacement {
  readonly service: string;
  readonly old: ObservedContainer;
  /** The name that the new one has until the old one is gone. */
  readonly temporaryName: string;
}

export interface ReplacementPlan {
  readonly plan: Plan;
  readonly replacements: readonly Replacement[];
}

/**
 * The plan that replaces one service's containers one by one, each new one ready before the next goes; where both can run at
 * once, the new one is ready before the old one stops. What reconcile says is done stays; only its order changes.
 * `input.options.services` names the service alone.
 */
export function replacementPlan(input: ReconcileInput, name: string): ReplacementPlan {
  const scale = { [name]: keptReplicas(input, name) };
  const plan = reconcile({
    ...input,
    options: { ...input.options, services: [name], until: 'ready', scale },
  });
  const created = plan.steps.filter(
    (step): step is CreateStep => step.kind === 'create' && step.service === name,
  );
  const replaced = created.flatMap((create) => {
    const old = replacedBy(input, plan, create);
    return old === undefined ? [] : [{ create, old }];
  });
  if (replaced.length === 0) return { plan, replacements: [] };
  return {
    plan: inTurn(plan, { service: serviceOf(input.project, name), name, replaced }),
    replacements: replaced.map(({ create, old }) => ({ service: name, old, temporaryName: create.name })),
  };
}

/** Whoever asked for more replicas than the file has keeps them: what is replaced here is what runs. */
function keptReplicas({ project, observed, options }: ReconcileInput, name: string): number {
  return Math.max(
    wantedReplicas(name, serviceOf(project, name), options),
    replicasOf(observed, name).filter(({ state }) => state === 'running').length,
  );
}

interface Replaced {
  readonly create: CreateStep;
  readonly old: ObservedContainer;
}

/** The container that the removal which waits for this creation takes away. */
function replacedBy(input: ReconcileInput, plan: Plan, create: CreateStep): ObservedContainer | undefined {
  const removal = plan.steps.find((step) => step.kind === 'remove' && step.after.includes(create.index));
  const id =
    removal?.kind === 'remove' && removal.container.type === 'existing' ? removal.container.id : undefined;
  return replicasOf(input.observed, create.service).find((container) => container.id === id);
}

interface Turns {
  readonly service: Service;
  readonly name: string;
  readonly replaced: readonly Replaced[];
}

function inTurn(plan: Plan, turns: Turns): Plan {
  const builder = new PlanBuilder();
  for (const hazard of plan.hazards) builder.hazard(hazard);
  for (const warning of plan.warnings) builder.warn(warning);
  const final = plan.steps.find(
    (step): step is AwaitStep => step.kind === 'await' && step.service === turns.name,
  );
  const own = new Set(turns.replaced.flatMap(({ create, old }) => stepsOf(plan, create, old.id)));
  const placed = new Map<number, number>();
  // What comes before any replacement: networks, volumes, images, other replicas that were missing.
  for (const step of plan.steps) if (!own.has(step.index) && step !== final) place(builder, placed, step);
  let last = 0;
  for (const { create, old } of turns.replaced)
    last = oneTurn(builder, placed, {
      plan,
      create,
      old,
      final,
      after: last,
      both: canRunBoth(turns.service),
    });
  return builder.build();
}

/** Steps of one replacement: what touches the old container or the new one. */
function stepsOf(plan: Plan, create: CreateStep, old: ContainerId): number[] {
  const touches = (target: Target) =>
    target.type === 'existing' ? target.id === old : target.step === create.index;
  return plan.steps
    .filter((step) => step.index === create.index || ('container' in step && touches(step.container)))
    .map((step) => step.index);
}

interface Turn {
  readonly plan: Plan;
  readonly create: CreateStep;
  readonly old: ObservedContainer;
  readonly final: AwaitStep | undefined;
  readonly after: number;
  readonly both: boolean;
}

function oneTurn(builder: PlanBuilder, placed: Map<number, number>, turn: Turn): number {
  const steps = stepsOf(turn.plan, turn.create, turn.old.id).map((index) => turn.plan.steps[index - 1]);
  const of = (wanted: (step: Step) => boolean) =>
    steps.filter((step) => step !== undefined && wanted(step)) as Step[];
  const stops = of((step) => step.kind === 'stop' || (step.kind === 'hook' && step.when === 'preStop'));
  const starts = of((step) => step.kind === 'start' || (step.kind === 'hook' && step.when === 'postStart'));
  const ends = of((step) => step.kind === 'remove' || step.kind === 'rename');
  let last = place(builder, placed, turn.create, turn.after);
  const chain = (chained: readonly Step[]) => {
    for (const step of chained) last = place(builder, placed, step, last);
  };
  if (!turn.both) chain(stops);
  chain(starts);
  last = builder.add(readyStep(turn, placed, last));
  if (turn.both) chain(stops);
  chain(ends);
  return last;
}

function readyStep(turn: Turn, placed: ReadonlyMap<number, number>, after: number): StepDraft {
  const { create, final } = turn;
  const step = placed.get(create.index) ?? 0;
  return {
    kind: 'await',
    service: create.service,
    condition: final?.condition ?? 'service_started',
    containers: [{ type: 'created', step, name: create.name }],
    withoutCheck: 'ready',
    required: true,
    probe: final?.probe ?? 'eager',
    after: [after],
    cause: turn.both ? 'the old one stops when it is ready' : 'the old one goes when it is ready',
  };
}

/** Adds a step under its new number, its own needs and `after` before it. Those of the old order between turns are left out. */
function place(builder: PlanBuilder, placed: Map<number, number>, step: Step, after = 0): number {
  const needs = step.after.flatMap((index) => placed.get(index) ?? []);
  const { index, ...draft } = step;
  const at = builder.add({ ...renumbered(draft as StepDraft, placed), after: [...needs, after] });
  placed.set(index, at);
  return at;
}

function renumbered(draft: StepDraft, placed: ReadonlyMap<number, number>): StepDraft {
  const target = (old: Target): Target =>
    old.type === 'created' ? { ...old, step: placed.get(old.step) ?? 0 } : old;
  if (draft.kind === 'create') return { ...draft, imageFrom: placed.get(draft.imageFrom) ?? 0 };
  if (draft.kind === 'await') return { ...draft, containers: draft.containers.map(target) };
  return 'container' in draft ? { ...draft, container: target(draft.container) } : draft;
}

/** Two containers of a service can run side by side unless they want the same port, address, name or data. */
export function canRunBoth(service: Service): boolean {
  const fixedPort = (service.ports ?? []).some(
    ({ published }) => published !== undefined && published !== '0',
  );
  const mode = service.network_mode ?? '';
  const shared = mode === 'host' || mode.startsWith('container:') || mode.startsWith('service:');
  const fixedAddress = Object.values(service.networks ?? {}).some(
    (network) => network?.ipv4_address !== undefined || network?.ipv6_address !== undefined,
  );
  // Two databases on one directory destroy it; a volume that is only read is no danger.
  const data = (service.volumes ?? []).some(({ type, read_only }) => type === 'volume' && !read_only);
  return !(fixedPort || shared || fixedAddress || data || service.mac_address);
}
