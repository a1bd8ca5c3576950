import { describeBytes, describeTook } from '#contract/describe.ts';
import type { RunRecord, Progress as StepProgress, StepRecord } from '#contract/runModel.ts';
import type { Output } from '../output.ts';
import { tookOf } from './lines.ts';
import type { Progress } from './progress.ts';

const ESCAPE = '\u001b[';
const CLEAR_BELOW = `${ESCAPE}0J`;
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;
const REDRAW_MS = 100;
const BAR_CELLS = 24;
/** More lines than this scroll on a small terminal, and what has scrolled cannot be drawn over. */
const LINE_LIMIT = 15;

/** What runs now, drawn over itself at the bottom; what ended stays above as lines. */
export class Bars implements Progress {
  readonly #output: Pick<Output, 'draw' | 'columns'>;
  readonly #printed = new Set<number>();
  #drawn = 0;
  #latest: { readonly run: RunRecord; readonly steps: readonly StepRecord[] } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Pick<Output, 'draw' | 'columns'>) {
    this.#output = output;
  }

  show(run: RunRecord, steps: readonly StepRecord[]): void {
    this.#latest = { run, steps };
    if (this.#timer !== undefined) return;
    this.#output.draw(HIDE_CURSOR);
    this.#draw();
    // The clock on the lines goes on between events.
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#draw();
    this.#output.draw(SHOW_CURSOR);
  }

  #draw(): void {
    if (this.#latest === undefined) return;
    const { run, steps } = this.#latest;
    const now = Date.now();
    const ended = steps.filter((step) => hasEnded(step) && !this.#printed.has(step.index));
    for (const step of ended) this.#printed.add(step.index);
    const open = run.status.type === 'running' || run.status.type === 'cancelling';
    const live = open ? [headLine(run, now), ...liveLines(steps, now)] : [];
    const up = this.#drawn > 0 ? `${ESCAPE}${this.#drawn}A` : '';
    const lines = [...ended.map(endLine), ...live].map((line) => line.slice(0, this.#output.columns - 1));
    this.#output.draw(`${up}\r${CLEAR_BELOW}${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = live.length;
  }
}

function hasEnded(step: StepRecord): boolean {
  return step.status === 'done' || step.status === 'failed' || step.status === 'skipped';
}

function headLine(run: RunRecord, now: number): string {
  const word = run.status.type === 'cancelling' ? 'cancelling' : run.title;
  return `${word} ${run.stepsDone}/${run.steps} · ${describeTook(now - run.startedAt)}`;
}

function liveLines(steps: readonly StepRecord[], now: number): string[] {
  const running = steps.filter((step) => step.status === 'running');
  const lines = running.slice(0, LINE_LIMIT).map((step) => `  ${step.label} ${liveWords(step, now)}`);
  return running.length > LINE_LIMIT ? [...lines, `  and ${running.length - LINE_LIMIT} more`] : lines;
}

function liveWords(step: StepRecord, now: number): string {
  const took = describeTook(now - (step.startedAt ?? now));
  const progress = step.progress === undefined ? '' : ` ${bar(step.progress)}`;
  return `${progress} ${took}${step.note ? ` · ${step.note}` : ''}`.trim();
}

function endLine(step: StepRecord): string {
  if (step.status === 'failed') return `✗ ${step.label}: ${step.error?.message ?? 'failed'}`;
  if (step.status === 'skipped') return `- ${step.label}: skipped`;
  return `✓ ${step.label} ${tookOf(step)}`;
}

/** `[████████        ] 12 MB of 30 MB`. */
export function bar(progress: StepProgress): string {
  const amount = progress.unit === 'bytes' ? describeBytes(progress.current) : `${progress.current}`;
  if (progress.total === undefined || progress.total === 0) return progress.text ?? amount;
  const full = Math.min(BAR_CELLS, Math.round((progress.current / progress.total) * BAR_CELLS));
  const total = progress.unit === 'bytes' ? describeBytes(progress.total) : `${progress.total}`;
  return `[${'█'.repeat(full)}${' '.repeat(BAR_CELLS - full)}] ${amount} of ${total}`;
}
