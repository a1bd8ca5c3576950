import type { Clock } from '#base/clock.ts';
import type { RunId, ServiceName } from '#contract/ids.ts';
import type { BootTimeline, ServiceTimeline } from '#contract/requests/boot.ts';
import type { Plan, Step } from '#plan/plan.ts';
import type { RunEvent, RunResult } from './events.ts';

type Phase = ServiceTimeline['spans'][number]['phase'];
type Span = ServiceTimeline['spans'][number];

interface StepTimes {
  from?: number;
  to?: number;
  note?: string | undefined;
  failed?: boolean;
  skipped?: boolean;
  /** The wait ended because our own run of the check passed, before the engine's. */
  eager?: boolean;
}

/** A gap between two phases shorter than this, milliseconds, is nobody waiting. */
const LEAST_WAIT_MS = 20;

/** Listens to a boot and tells where its time went. Feed it every event of the run. */
export class TimelineRecorder {
  readonly #plan: Plan;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #began: number;
  readonly #times: StepTimes[];

  constructor(plan: Plan, clock: Clock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#began = clock.monotonic();
    this.#times = plan.steps.map(() => ({}));
  }

  apply(event: RunEvent): void {
    const times = this.#times[event.step - 1];
    if (times === undefined) return;
    const now = this.#clock.monotonic() - this.#began;
    if (event.type === 'stepStarted') times.from = now;
    if (event.type === 'stepProbe') times.eager = this.#isAhead(event);
    if (event.type === 'stepDone' || event.type === 'stepFailed') times.to = now;
    if (event.type === 'stepSkipped' && times.from !== undefined) times.to = now;
    if (event.type === 'stepFailed') {
      times.failed = true;
      times.note = event.error.message;
    }
    if (event.type === 'stepSkipped') {
      times.skipped = true;
      times.note = event.reason;
    }
    if (event.type === 'stepDone') times.note = event.note;
  }

  /** A pass of the service's own check before the engine's; what has no check gains nothing by being asked. */
  #isAhead(event: Extract<RunEvent, { type: 'stepProbe' }>): boolean {
    const step = this.#plan.steps[event.step - 1];
    const checked = step?.kind === 'await' && step.condition === 'service_healthy';
    return checked && event.by === 'eager' && event.result.exitCode === 0;
  }

  /** The timeline of the boot that has just ended. `intervalMs`: the engine's own pause between checks, by service. */
  finish(own: {
    readonly run: RunId;
    readonly result: RunResult;
    readonly intervalMs: (service: string) => number;
    readonly ran?: ((service: string) => ServiceTimeline['ran']) | undefined;
    readonly branch?: string | undefined;
  }): BootTimeline {
    const totalMs = this.#clock.monotonic() - this.#began;
    const withoutEagerMs = this.#withoutEager(totalMs, own.intervalMs);
    return {
      run: own.run,
      startedAt: this.#startedAt,
      totalMs,
      outcome: own.result.outcome,
      services: this.#services(totalMs).map((entry) => withRan(entry, own.ran?.(entry.service))),
      criticalPath: this.#criticalPath(),
      ...(withoutEagerMs === undefined ? {} : { withoutEagerMs }),
      ...(own.branch === undefined ? {} : { branch: own.branch }),
    };
  }

  #services(totalMs: number): ServiceTimeline[] {
    const names = this.#plan.steps.flatMap((step) =>
      step.kind === 'pull' ? step.services : (step.service ?? []),
    );
    return [...new Set(names)].sort().map((name) => this.#service(name, totalMs));
  }

  #service(service: ServiceName, totalMs: number): ServiceTimeline {
    const own = this.#plan.steps.flatMap((step) => {
      const phase = phaseOf(step);
      const { from, to = totalMs, failed } = this.#times[step.index - 1] ?? {};
      if (phase === undefined || from === undefined || !concerns(step, service)) return [];
      return [{ phase: failed ? ('failed' as const) : phase, fromMs: from, toMs: to }];
    });
    const spans = withWaits(own.sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs));
    if (!this.#cameUp(service))
      return { service, spans: waitingToTheEnd(spans, totalMs), note: this.#whyNot(service) };
    const notes = this.#plan.steps.filter((step) => step.kind === 'await' && concerns(step, service));
    const note = notes.map((step) => this.#times[step.index - 1]?.note).find((text) => text !== undefined);
    const readyMs = spans.at(-1)?.toMs;
    // What runs to its end serves nobody after it.
    const over = readyMs === undefined || spans.at(-1)?.phase === 'run';
    const ready: Span[] = over ? [] : [{ phase: 'ready', fromMs: readyMs, toMs: totalMs }];
    return { service, spans: [...spans, ...ready], readyMs, ...(note === undefined ? {} : { note }) };
  }

  /** Everything that the plan had for it was done. */
  #cameUp(service: ServiceName): boolean {
    return this.#plan.steps.every((step) => {
      if (!concerns(step, service)) return true;
      const { to, failed, skipped } = this.#times[step.index - 1] ?? {};
      return to !== undefined && !failed && !skipped;
    });
  }

  /** What it failed with, or why its turn never came. */
  #whyNot(service: ServiceName): string | undefined {
    const own = this.#plan.steps.filter((step) => concerns(step, service));
    const times = own.map((step) => this.#times[step.index - 1] ?? {});
    const failed = times.find((entry) => entry.failed)?.note;
    const skipped = times.find((entry) => entry.skipped)?.note;
    return failed ?? (skipped === undefined ? undefined : `not started: ${skipped}`);
  }

  /** From the step that ended last back along what it waited for longest. */
  #criticalPath(): ServiceName[] {
    const path: ServiceName[] = [];
    const endOf = (step: Step) => this.#times[step.index - 1]?.to ?? -1;
    let at = latest(this.#plan.steps, endOf);
    while (at !== undefined) {
      if (at.service !== undefined && !path.includes(at.service)) path.unshift(at.service);
      at = latest(
        at.after.flatMap((index) => this.#plan.steps[index - 1] ?? []),
        endOf,
      );
    }
    return path;
  }

  /** How long the same boot would have taken had every wait lasted until the engine's own next check. */
  #withoutEager(totalMs: number, intervalMs: (service: string) => number): number | undefined {
    if (!this.#times.some((times) => times.eager)) return undefined;
    const ends: number[] = [];
    for (const step of this.#plan.steps) {
      const { from = 0, to = from, eager } = this.#times[step.index - 1] ?? {};
      const before = step.after.map((index) => ({
        real: this.#times[index - 1]?.to ?? 0,
        would: ends[index - 1] ?? 0,
      }));
      const realReady = Math.max(0, ...before.map((entry) => entry.real));
      const wouldReady = Math.max(0, ...before.map((entry) => entry.would));
      const interval = intervalMs(step.service ?? '');
      const took = to - from;
      const would = eager ? Math.ceil(Math.max(1, took) / interval) * interval : took;
      ends[step.index - 1] = wouldReady + Math.max(0, from - realReady) + would;
    }
    return Math.max(totalMs, ...ends);
  }
}

function withRan(entry: ServiceTimeline, ran: ServiceTimeline['ran']): ServiceTimeline {
  return ran === undefined ? entry : { ...entry, ran };
}

function latest(steps: readonly Step[], endOf: (step: Step) => number): Step | undefined {
  return steps
    .filter((step) => endOf(step) >= 0)
    .reduce<Step | undefined>((best, step) => (best && endOf(best) > endOf(step) ? best : step), undefined);
}

function concerns(step: Step, service: ServiceName): boolean {
  return step.kind === 'pull' ? step.services.includes(service) : step.service === service;
}

function phaseOf(step: Step): Phase | undefined {
  switch (step.kind) {
    case 'pull':
    case 'build':
    case 'create':
    case 'start':
      return step.kind;
    case 'await':
      return step.condition === 'service_completed_successfully' ? 'run' : 'check';
    default:
      return undefined;
  }
}

/** What never came up waited until the boot was over; what failed waited for nothing after that. */
function waitingToTheEnd(spans: readonly Span[], totalMs: number): Span[] {
  const last = spans.at(-1);
  const fromMs = last?.toMs ?? 0;
  if (last?.phase === 'failed' || totalMs - fromMs <= LEAST_WAIT_MS) return [...spans];
  return [...spans, { phase: 'wait', fromMs, toMs: totalMs }];
}

/** Puts the gaps in: what stands between two phases of a service is waiting for others. */
function withWaits(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  let end = 0;
  for (const span of spans) {
    if (span.fromMs - end > LEAST_WAIT_MS) result.push({ phase: 'wait', fromMs: end, toMs: span.fromMs });
    result.push(span);
    end = Math.max(end, span.toMs);
  }
  return result;
}
