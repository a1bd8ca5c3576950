import type { RunId, ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { Progress, RunKind, RunRecord, RunStatus, StepRecord } from '#contract/runModel.ts';
import { unreachable } from '#contract/unreachable.ts';
import { formatWarning, stepLabel } from '#plan/formatPlan.ts';
import type { Plan, Step } from '#plan/plan.ts';
import type { RunEvent, RunResult } from '#run/events.ts';

/** What a run is before it has done anything. */
export interface RunStart {
  readonly workspace: WorkspaceId;
  readonly id: RunId;
  readonly kind: RunKind;
  readonly title: string;
  readonly startedAt: number;
  readonly estimateMs?: number | undefined;
}

/** A step as a reader sees it before it has begun. */
export type FreeStep = Pick<StepRecord, 'kind' | 'service' | 'label' | 'cause' | 'after'> & {
  /** Where it is the work of several. */
  readonly services?: readonly string[] | undefined;
};

function servicesOfFree({ service, services }: FreeStep): readonly ServiceName[] {
  return services?.map((name) => name as ServiceName) ?? (service ? [service] : []);
}

/**
 * One run as records: the plans' steps, and what the executor's events make of them. A run may take several plans one after
 * another (first the images, then what follows from them); their steps are numbered through.
 */
export class RunTracker {
  #record: RunRecord;
  readonly #plan: Step[] = [];
  readonly #steps: StepRecord[] = [];
  readonly #services: (readonly ServiceName[])[] = [];
  /** By service: where its steps stand. */
  readonly #places = new Map<ServiceName, number[]>();
  #offset = 0;
  #stepsDone = 0;
  #workLeft = 0;
  #pulls = 0;
  #pullBytes: number | undefined;

  constructor(start: RunStart) {
    this.#record = {
      type: 'run',
      ...start,
      services: [],
      status: { type: 'running' },
      steps: 0,
      stepsDone: 0,
    };
  }

  get record(): RunRecord {
    return this.#record;
  }

  /** In the order of the plans: step `n` at index `n - 1`. */
  get steps(): readonly StepRecord[] {
    return this.#steps;
  }

  /** The steps of the plans as they were planned, in the same order. */
  get planned(): readonly Step[] {
    return this.#plan;
  }

  /** Steps of the plans so far that are not over and do more than wait. */
  get workLeft(): number {
    return this.#workLeft;
  }

  get active(): boolean {
    return this.#record.status.type === 'running' || this.#record.status.type === 'cancelling';
  }

  /** Whose work a step is; a pull may be for several services at once. */
  servicesOf(step: StepRecord): readonly ServiceName[] {
    return this.#services[step.index - 1] ?? [];
  }

  /** The steps that are a service's work, in their order. */
  stepsOf(service: string): readonly StepRecord[] {
    const places = this.#places.get(service as ServiceName) ?? [];
    return places.flatMap((place) => this.#steps[place] ?? []);
  }

  /** Takes the next plan. From here on events are about its steps. */
  extend(plan: Plan): void {
    const offset = this.#steps.length;
    for (const step of plan.steps) {
      const after = step.after.map((index) => index + offset);
      this.#plan.push({ ...step, index: step.index + offset, after });
    }
    this.extendWith(
      plan.steps.map((step) => ({ ...step, label: stepLabel(step) })),
      plan.steps.map(stepServices),
    );
    const warnings = [...new Set([...(this.#record.warnings ?? []), ...plan.warnings.map(formatWarning)])];
    if (warnings.length > 0) this.#record = { ...this.#record, warnings };
  }

  /** Takes steps that are no plan's: a switch of versions has its own. `after` counts from 1 within these. */
  extendWith(
    steps: readonly FreeStep[],
    services: readonly (readonly ServiceName[])[] = steps.map(servicesOfFree),
  ): void {
    this.#offset = this.#steps.length;
    const shift = (index: number) => index + this.#offset;
    for (const [at, step] of steps.entries()) {
      this.#steps.push(
        stepRecord(this.#record, {
          ...step,
          index: shift(at + 1),
          after: step.after.map(shift),
          services: services[at],
        }),
      );
      this.#services.push(services[at] ?? []);
      this.#place(this.#steps.length - 1);
    }
    const all = [...new Set(this.#services.flat())].sort();
    const count = this.#steps.length;
    this.#record = { ...this.#record, services: all, steps: count, onlyWaits: this.#onlyWaits() };
  }

  /** The changed step. An event of a step that the plan does not have is a bug of the executor. */
  apply(event: RunEvent): StepRecord {
    const index = event.step + this.#offset - 1;
    const before = this.#steps[index];
    if (before === undefined) throw new RangeError(`No step ${event.step} in this plan`);
    const after = { ...before, ...changeOf(event) };
    this.#steps[index] = after;
    const over = Number(isOver(after)) - Number(isOver(before));
    this.#stepsDone += over;
    if (after.kind !== 'await') this.#workLeft -= over;
    this.#record = {
      ...this.#record,
      stepsDone: this.#stepsDone,
      onlyWaits: this.#onlyWaits(),
      pull: this.#pullProgress(),
    };
    return after;
  }

  /** What the registries say that all pulls together will bring. */
  expectPull(bytes: number): void {
    this.#pullBytes = bytes;
    this.#record = { ...this.#record, pull: this.#pullProgress() };
  }

  cancelling(): void {
    if (this.#record.status.type === 'running')
      this.#record = { ...this.#record, status: { type: 'cancelling' } };
  }

  finish(result: RunResult, at: number): void {
    this.#record = {
      ...this.#record,
      status: statusOf(result),
      finishedAt: at,
      onlyWaits: undefined,
      pull: undefined,
      criticalPath: criticalPath(this.#steps),
    };
  }

  #place(at: number): void {
    const kind = this.#steps[at]?.kind;
    if (kind === 'pull') this.#pulls += 1;
    if (kind !== 'await') this.#workLeft += 1;
    for (const service of new Set(this.#services[at])) {
      const places = this.#places.get(service);
      if (places === undefined) this.#places.set(service, [at]);
      else places.push(at);
    }
  }

  /** Other work than a boot is not broken off for what somebody asks meanwhile. */
  #onlyWaits(): true | undefined {
    const waits = this.#workLeft === 0 && this.#stepsDone < this.#steps.length;
    return this.#record.kind === 'boot' && waits ? true : undefined;
  }

  #pullProgress(): Progress | undefined {
    return this.#pulls === 0 ? undefined : pullProgress(this.#steps, this.#pullBytes);
  }
}

function isOver({ status }: StepRecord): boolean {
  return status !== 'waiting' && status !== 'running';
}

/** A pull may be for several services at once. */
export function stepServices(step: Step): readonly ServiceName[] {
  if (step.kind === 'pull') return step.services;
  return step.service === undefined ? [] : [step.service];
}

function stepRecord(
  run: RunRecord,
  step: FreeStep & { readonly index: number; readonly services: readonly ServiceName[] | undefined },
): StepRecord {
  const { index, kind, service, label, cause, after } = step;
  const shared = service === undefined && step.services?.length ? { services: step.services } : {};
  const status = 'waiting';
  return {
    type: 'step',
    workspace: run.workspace,
    run: run.id,
    index,
    kind,
    service,
    ...shared,
    label,
    cause,
    after,
    status,
  };
}

function changeOf(event: RunEvent): Partial<StepRecord> {
  switch (event.type) {
    case 'stepStarted':
      return { status: 'running', startedAt: event.at };
    case 'stepProgress':
      return { progress: event.progress };
    case 'stepNote':
      return { note: event.note };
    case 'stepProbe':
      return {
        note: event.result.exitCode === 0 ? 'check passed' : `check failed (${event.result.exitCode})`,
      };
    case 'stepDone':
      return {
        status: 'done',
        finishedAt: event.at,
        ...(event.note === undefined ? {} : { note: event.note }),
      };
    case 'stepFailed':
      return { status: 'failed', finishedAt: event.at, error: event.error };
    case 'stepSkipped':
      return { status: 'skipped', finishedAt: event.at, note: event.reason };
    default:
      return unreachable(event);
  }
}

function whoFailed(failures: readonly { readonly service: string | undefined }[]): string {
  const services = new Set(failures.map(({ service }) => service));
  return services.size < failures.length || services.has(undefined)
    ? `${failures.length} steps failed.`
    : `${services.size} services failed.`;
}

function statusOf(result: RunResult): RunStatus {
  switch (result.outcome) {
    case 'done':
    case 'cancelled':
      return { type: result.outcome };
    case 'failed': {
      const failures = result.failures.map(({ service, error }) => ({ service, error }));
      const [only] = failures;
      if (only !== undefined && failures.length === 1) return { type: 'failed', error: only.error };
      return {
        type: 'failed',
        error: { kind: 'run.failed', failures, message: whoFailed(failures) },
      };
    }
    default:
      return unreachable(result);
  }
}

/** All pulls of the run together, while one of them runs. `expected`: bytes, where the registries have been asked. */
function pullProgress(steps: readonly StepRecord[], expected: number | undefined): Progress | undefined {
  const pulls = steps.filter((step) => step.kind === 'pull');
  if (!pulls.some((step) => step.status === 'running')) return undefined;
  const known = pulls.flatMap((step) => (step.progress?.unit === 'bytes' ? [step.progress] : []));
  const totals = known.map((progress) => progress.total);
  const sum = (numbers: readonly (number | undefined)[]) =>
    numbers.reduce<number>((all, one) => all + (one ?? 0), 0);
  const current = sum(known.map((progress) => progress.current));
  // The engine tells a layer's size when it begins with it: until all have begun, its sum is too small.
  const told = totals.includes(undefined) || known.length < pulls.length ? undefined : sum(totals);
  return {
    current,
    total: expected === undefined ? told : Math.max(expected, current),
    unit: 'bytes',
    rate: sum(known.map((progress) => progress.rate)),
  };
}

/** From the step that ended last back along whatever it waited for longest: the services on that chain, first to last. */
function criticalPath(steps: readonly StepRecord[]): ServiceName[] {
  const chain: ServiceName[] = [];
  let at = latest(steps);
  while (at !== undefined) {
    if (at.service !== undefined && chain[0] !== at.service) chain.unshift(at.service);
    at = latest(at.after.flatMap((index) => steps[index - 1] ?? []));
  }
  return chain.filter((service, index) => chain.indexOf(service) === index);
}

function latest(steps: readonly StepRecord[]): StepRecord | undefined {
  return steps
    .filter((step) => step.startedAt !== undefined && step.finishedAt !== undefined)
    .reduce<StepRecord | undefined>(
      (best, step) => (best === undefined || (step.finishedAt ?? 0) > (best.finishedAt ?? 0) ? step : best),
      undefined,
    );
}
