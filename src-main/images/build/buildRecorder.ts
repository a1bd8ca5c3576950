import type { AppError } from '#contract/errors.ts';
import type { BuildStepView, BuildView } from '#contract/requests/builds.ts';
import type { BuildOutput } from '#engine/builds.ts';
import { lineOfStep } from './buildFailure.ts';
import { type Instruction, parseDockerfile } from './dockerfile.ts';
import { missedCache } from './missedCache.ts';

/** A step's output that is kept: what a failing command says last. */
const LOG_CHARACTERS = 4_000;

interface Step {
  readonly view: BuildStepView;
  readonly decoder: InstanceType<typeof TextDecoder>;
}

/** One build as a reader sees it, while it runs and afterwards. */
export class BuildRecorder {
  #view: BuildView;
  readonly #instructions: readonly Instruction[];
  readonly #steps = new Map<string, Step>();
  readonly #now: () => number;

  constructor(
    start: Pick<BuildView, 'id' | 'service' | 'image' | 'dockerfile'> & { readonly text: string },
    now: () => number,
  ) {
    const { text, ...facts } = start;
    this.#now = now;
    this.#instructions = parseDockerfile(text);
    this.#view = { ...facts, startedAt: now(), outcome: 'running', steps: [], warnings: [] };
  }

  get view(): BuildView {
    return { ...this.#view, steps: [...this.#steps.values()].map(({ view }) => view) };
  }

  /** Name of the step that failed. */
  get failedStep(): string | undefined {
    return [...this.#steps.values()].find(({ view }) => view.status === 'failed')?.view.name;
  }

  warn(warnings: readonly string[]): void {
    this.#view = { ...this.#view, warnings: [...this.#view.warnings, ...warnings] };
  }

  hear(output: BuildOutput): void {
    switch (output.type) {
      case 'step':
        this.#change(output.id, output.name, stepChange(output));
        return;
      case 'log':
        this.#log(output.id, output.bytes);
        return;
      case 'progress':
        this.#change(output.id, undefined, {
          progress: { current: output.current, total: output.total, text: output.name },
        });
    }
  }

  finish(end: {
    readonly outcome: 'done' | 'failed' | 'cancelled';
    readonly imageId?: string;
    readonly error?: AppError;
    /** Files of the context that are not as the build before saw them. */
    readonly changed?: readonly string[] | undefined;
  }): void {
    const { changed, ...said } = end;
    const missed = missedCache(this.view.steps, this.#instructions, changed);
    this.#view = { ...this.#view, ...said, missed, finishedAt: this.#now() };
  }

  #log(id: string, bytes: Uint8Array): void {
    const step = this.#steps.get(id);
    if (step === undefined) return;
    const log = (step.view.log + step.decoder.decode(bytes, { stream: true })).slice(-LOG_CHARACTERS);
    this.#steps.set(id, { ...step, view: { ...step.view, log } });
  }

  /** BuildKit repeats steps; a repetition does not make a finished one unfinished. */
  #change(id: string, name: string | undefined, change: Partial<BuildStepView>): void {
    const before = this.#steps.get(id);
    if (before === undefined && name === undefined) return;
    const view: BuildStepView = before?.view ?? {
      name: name ?? '',
      line: lineOfStep(this.#instructions, { step: name?.startsWith('[internal]') ? undefined : name }),
      status: 'running',
      startedAt: this.#now(),
      log: '',
    };
    const repeated = change.status === 'running' && view.status !== 'running';
    const decoder = before?.decoder ?? new TextDecoder();
    this.#steps.set(id, { decoder, view: repeated ? view : { ...view, ...change } });
  }
}

function stepChange(output: BuildOutput & { readonly type: 'step' }): Partial<BuildStepView> {
  if (output.status === 'started') return { status: 'running' };
  const status = output.status === 'failed' ? 'failed' : output.cached ? 'cached' : 'done';
  return { status, tookMs: output.durationMs ?? 0, progress: undefined };
}
