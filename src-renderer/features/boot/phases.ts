import type { ServiceTimeline } from '#contract/requests/boot.ts';

/** What a bar of the waterfall stands for. Creating and starting look alike: nobody waits for the difference. */
export type Phase = 'wait' | 'pull' | 'build' | 'create' | 'check' | 'run' | 'ready' | 'failed';

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  wait: 'waits',
  pull: 'pull',
  build: 'build',
  create: 'create, start',
  check: 'checked',
  run: 'runs to its end',
  ready: 'ready',
  failed: 'failed',
};

export const PHASES = Object.keys(PHASE_WORDS) as readonly Phase[];

export interface Bar {
  readonly phase: Phase;
  readonly fromMs: number;
  /** Absent while it lasts: up to now. */
  readonly toMs?: number | undefined;
}

/** One line of the waterfall. */
export interface FallRow {
  readonly service: string;
  readonly bars: readonly Bar[];
  /** From when to when it held up everything else. */
  readonly path?: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** When it wrote its first line. */
  readonly firstLogMs?: number | undefined;
  /** What is said beside it; of a boot under way that changes with the time. */
  readonly note: string | ((now: number) => string);
}

/** All times count from the beginning of the boot. Its length is not in here: that of a boot under way grows. */
export type Fall = readonly FallRow[];

/** What the picture covers. */
export interface FallSpan {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Absent while it lasts: then the picture goes a little beyond now. */
  readonly endedAt?: number | undefined;
  /** So long it will probably last, in milliseconds. */
  readonly expectedMs?: number | undefined;
}

/** What is read off all lines, whichever of them are on screen. */
export interface FallFacts {
  /** When the last of what has ended did so. */
  readonly lastEndMs: number;
  readonly phases: ReadonlySet<Phase>;
  readonly hasPath: boolean;
  readonly hasLog: boolean;
  /** Letters of the longest name. */
  readonly longestName: number;
}

export function factsOf(fall: Fall): FallFacts {
  let [lastEndMs, longestName] = [0, 0];
  const phases = new Set<Phase>();
  for (const { service, bars } of fall) {
    longestName = Math.max(longestName, service.length);
    for (const { phase, fromMs, toMs = fromMs } of bars) {
      phases.add(phase);
      lastEndMs = Math.max(lastEndMs, toMs);
    }
  }
  const hasPath = fall.some(({ path }) => path);
  const hasLog = fall.some(({ firstLogMs }) => firstLogMs !== undefined);
  return { lastEndMs, phases, hasPath, hasLog, longestName };
}

/** Whether the bars of both are drawn alike. */
export function sameBars(left: FallRow, right: FallRow): boolean {
  return (
    left === right ||
    (left.service === right.service &&
      left.firstLogMs === right.firstLogMs &&
      left.path?.fromMs === right.path?.fromMs &&
      left.path?.toMs === right.path?.toMs &&
      left.bars.length === right.bars.length &&
      left.bars.every((bar, index) => sameBar(bar, right.bars[index])))
  );
}

function sameBar(left: Bar, right: Bar | undefined): boolean {
  return left.phase === right?.phase && left.fromMs === right.fromMs && left.toMs === right.toMs;
}

export function phaseOf(phase: ServiceTimeline['spans'][number]['phase']): Phase {
  return phase === 'start' ? 'create' : phase;
}
