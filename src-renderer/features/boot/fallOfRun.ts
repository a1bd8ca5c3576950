import { describeStatus, toneOf } from '#contract/describe.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { RunRecord, StepKind, StepRecord } from '#contract/runModel.ts';
import type { Bar, Fall, FallRow, Phase } from './phases.ts';

interface LiveBoot {
  readonly run: RunRecord;
  readonly steps: readonly StepRecord[];
  readonly services: readonly ServiceRecord[];
  /** Milliseconds since the epoch. */
  readonly now: number;
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

/** The waterfall of a boot that is under way, up to now. */
export function fallOfRun({ run, steps, services, now }: LiveBoot): Fall {
  const elapsed = Math.max(1, endOf(run, steps, now) - run.startedAt);
  const totalMs = Math.max(elapsed, run.status.type === 'running' ? (run.estimateMs ?? 0) : 0);
  const ofService = stepsByService(steps);
  const rows = services
    .filter((service) => !service.disabled)
    .map((service): FallRow => {
      const bars = barsOf(service, ofService.get(service.name) ?? [], { start: run.startedAt, elapsed });
      return { service: service.name, bars, note: describeStatus(service.status, now) };
    });
  return { totalMs, rows };
}

/** Hundreds of services have thousands of steps: looked through once, not once a service. */
function stepsByService(steps: readonly StepRecord[]): ReadonlyMap<string, readonly StepRecord[]> {
  const found = new Map<string, StepRecord[]>();
  for (const step of steps)
    for (const name of new Set([...(step.service ? [step.service] : []), ...(step.services ?? [])]))
      found.set(name, [...(found.get(name) ?? []), step]);
  return found;
}

/** The window's clock ticks a few times a second: a step can have ended after its last tick. */
function endOf(run: RunRecord, steps: readonly StepRecord[], now: number): number {
  const ends = steps.map((step) => step.finishedAt ?? step.startedAt ?? 0);
  return run.finishedAt ?? Math.max(now, ...ends);
}

interface Span {
  readonly start: number;
  readonly elapsed: number;
}

function barsOf(service: ServiceRecord, steps: readonly StepRecord[], span: Span): readonly Bar[] {
  const work = steps.flatMap((step) => barOf(step, span)).toSorted((a, b) => a.fromMs - b.fromMs);
  const lastMs = Math.max(0, ...work.map((bar) => bar.toMs));
  const settled = steps.every((step) => ['done', 'skipped', 'failed'].includes(step.status));
  const bars = steps.length > 0 && !settled ? [...work, barrier(span.elapsed)] : work;
  const isReady =
    settled && steps.every((step) => step.status !== 'failed') && ['ok', 'done'].includes(toneOf(service));
  const ready: Bar[] = isReady ? [{ phase: 'ready', fromMs: lastMs, toMs: span.elapsed }] : [];
  return [...withWaits(bars), ...ready].filter((bar) => bar.toMs > bar.fromMs);
}

/** Nothing, at the end: what lies before it is waiting. */
function barrier(at: number): Bar {
  return { phase: 'wait', fromMs: at, toMs: at };
}

/** What lies between two pieces of work is waiting. */
function withWaits(bars: readonly Bar[]): readonly Bar[] {
  let reached = 0;
  return bars.flatMap((bar) => {
    const gap = bar.fromMs - reached;
    const wait: Bar[] = gap > WAIT_SHOWN_MS ? [{ phase: 'wait', fromMs: reached, toMs: bar.fromMs }] : [];
    reached = Math.max(reached, bar.toMs);
    return [...wait, bar];
  });
}

function barOf(step: StepRecord, span: Span): readonly Bar[] {
  const phase = step.status === 'failed' ? 'failed' : PHASE_OF[step.kind];
  if (phase === undefined || step.startedAt === undefined) return [];
  const fromMs = Math.max(0, step.startedAt - span.start);
  const toMs = step.finishedAt === undefined ? span.elapsed : step.finishedAt - span.start;
  return [{ phase, fromMs, toMs: Math.max(fromMs + 1, toMs) }];
}
