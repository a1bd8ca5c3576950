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
  readonly toMs: number;
}

/** One line of the waterfall. */
export interface FallRow {
  readonly service: string;
  readonly bars: readonly Bar[];
  /** From when to when it held up everything else. */
  readonly path?: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** When it wrote its first line. */
  readonly firstLogMs?: number | undefined;
  readonly note: string;
}

export interface Fall {
  readonly totalMs: number;
  readonly rows: readonly FallRow[];
}

export function phaseOf(phase: ServiceTimeline['spans'][number]['phase']): Phase {
  return phase === 'start' ? 'create' : phase;
}
