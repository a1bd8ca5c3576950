import { describeState, toneOf } from '#contract/describe.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { RunRecord, StepKind, StepRecord } from '#contract/runModel.ts';
import type { Bar, Fall, FallRow, Phase } from './phases.ts';

interface LiveBoot {
  readonly run: RunRecord;
  readonly steps: readonly StepRecord[];
  readonly services: readonly ServiceRecord[];
}

const PHASE_OF: Readonly<Partial<Record<StepKind, Phase>>> = {
  pull: 'pull',
  build: 'build',
  create: 'create',
  start: 'create',
  restart: 'create',
  remove: 'create',
  stop: 'create',
  await: 'check',
};
/** A wait shorter than this is no wait anybody saw. */
const WAIT_SHOWN_MS = 60;

/** A service's line, and of what it was made. */
interface Made {
  readonly steps: readonly StepRecord[];
  readonly startedAt: number;
  readonly row: FallRow;
}

/** A frame changes a few services of hundreds: the lines of all others are the ones of the frame before. */
const made = new WeakMap<ServiceRecord, Made>();

/** The waterfall of a boot that is under way: what has not ended lasts until now, whenever that is. */
export function fallOfRun({ run, steps, services }: LiveBoot): Fall {
  const ofService = stepsByService(steps);
  return services
    .filter((service) => !service.disabled)
    .map((service) => rowOf(service, ofService.get(service.name) ?? [], run.startedAt));
}

function rowOf(service: ServiceRecord, steps: readonly StepRecord[], startedAt: number): FallRow {
  const before = made.get(service);
  if (before?.startedAt === startedAt && sameSteps(before.steps, steps)) return before.row;
  const bars = barsOf(service, steps, startedAt);
  const row: FallRow = { service: service.name, bars, note: (now) => describeState(service, now) };
  made.set(service, { steps, startedAt, row });
  return row;
}

function sameSteps(left: readonly StepRecord[], right: readonly StepRecord[]): boolean {
  return left.length === right.length && left.every((step, index) => step === right[index]);
}

/** Hundreds of services have thousands of steps: looked through once, not once a service. */
function stepsByService(steps: readonly StepRecord[]): ReadonlyMap<string, readonly StepRecord[]> {
  const found = new Map<string, StepRecord[]>();
  const add = (name: string, step: StepRecord) => {
    const list = found.get(name);
    if (list === undefined) found.set(name, [step]);
    else if (list.at(-1) !== step) list.push(step);
  };
  for (const step of steps) {
    if (step.service !== undefined) add(step.service, step);
    for (const name of step.services ?? []) add(name, step);
  }
  return found;
}

function barsOf(service: ServiceRecord, steps: readonly StepRecord[], start: number): readonly Bar[] {
  const bars = withWaits(steps.flatMap((step) => barOf(step, start)).toSorted((a, b) => a.fromMs - b.fromMs));
  const reachedMs = Math.max(0, ...bars.map(({ toMs }) => toMs ?? 0));
  const settled = steps.every((step) => ['done', 'skipped', 'failed'].includes(step.status));
  if (steps.length > 0 && !settled) {
    const isAtWork = bars.some(({ toMs }) => toMs === undefined);
    return isAtWork ? bars : [...bars, { phase: 'wait', fromMs: reachedMs }];
  }
  const isReady = steps.every((step) => step.status !== 'failed') && ['ok', 'done'].includes(toneOf(service));
  return isReady ? [...bars, { phase: 'ready', fromMs: reachedMs }] : bars;
}

/** What lies between two pieces of work is waiting. */
function withWaits(bars: readonly Bar[]): readonly Bar[] {
  let reached = 0;
  return bars.flatMap((bar) => {
    const gap = bar.fromMs - reached;
    const wait: Bar[] = gap > WAIT_SHOWN_MS ? [{ phase: 'wait', fromMs: reached, toMs: bar.fromMs }] : [];
    reached = Math.max(reached, bar.toMs ?? Number.POSITIVE_INFINITY);
    return [...wait, bar];
  });
}

function barOf(step: StepRecord, start: number): readonly Bar[] {
  const phase = step.status === 'failed' ? 'failed' : PHASE_OF[step.kind];
  if (phase === undefined || step.startedAt === undefined) return [];
  const fromMs = Math.max(0, step.startedAt - start);
  if (step.finishedAt === undefined) return [{ phase, fromMs }];
  return [{ phase, fromMs, toMs: Math.max(fromMs + 1, step.finishedAt - start) }];
}
