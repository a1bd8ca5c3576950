import { describeStatus, toneOf } from '#contract/describe.ts';
import type { RunRecord, ServiceRecord, StepKind, StepRecord } from '#contract/model.ts';
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
  const end = run.finishedAt ?? now;
  const elapsed = Math.max(1, end - run.startedAt);
  const totalMs = Math.max(elapsed, run.status.type === 'running' ? (run.estimateMs ?? 0) : 0);
  const rows = services
    .filter((service) => !service.disabled)
    .map((service): FallRow => {
      const own = steps.filter((step) => step.service === service.name);
      return {
        service: service.name,
        bars: barsOf(service, own, { start: run.startedAt, elapsed }),
        note: describeStatus(service.status, now),
      };
    });
  return { totalMs, rows };
}

interface Span {
  readonly start: number;
  readonly elapsed: number;
}

function barsOf(service: ServiceRecord, steps: readonly StepRecord[], span: Span): readonly Bar[] {
  const work = steps.flatMap((step) => barOf(step, span)).toSorted((a, b) => a.fromMs - b.fromMs);
  const firstMs = work[0]?.fromMs ?? (steps.length > 0 ? span.elapsed : 0);
  const wait: Bar[] = firstMs > WAIT_SHOWN_MS ? [{ phase: 'wait', fromMs: 0, toMs: firstMs }] : [];
  const lastMs = work.at(-1)?.toMs ?? 0;
  const isReady = ['ok', 'done'].includes(toneOf(service));
  const settled = steps.every((step) => step.status === 'done' || step.status === 'skipped');
  const ready: Bar[] = isReady && settled ? [{ phase: 'ready', fromMs: lastMs, toMs: span.elapsed }] : [];
  return [...wait, ...work, ...ready];
}

function barOf(step: StepRecord, span: Span): readonly Bar[] {
  const phase = step.status === 'failed' ? 'failed' : PHASE_OF[step.kind];
  if (phase === undefined || step.startedAt === undefined) return [];
  const fromMs = Math.max(0, step.startedAt - span.start);
  const toMs = step.finishedAt === undefined ? span.elapsed : step.finishedAt - span.start;
  return [{ phase, fromMs, toMs: Math.max(fromMs, toMs) }];
}
