import type { BuildOutput } from '../builds.ts';
import { number, type Raw, record, text } from './raw.ts';

/** What the builder says of its own work, between the lines of the commands it runs. */
const CHATTER =
  /^( ---> ([0-9a-f]{12}|Running in [0-9a-f]{12}|Using cache)|Removing intermediate container [0-9a-f]{12}|Successfully (built|tagged) \S+)\n$/;

function isChatter(line: string): boolean {
  // The end of the step's own line comes as a message of its own.
  return line === '' || line === '\n' || CHATTER.test(line);
}

interface Step {
  readonly id: string;
  readonly name: string;
  readonly startedAt: number;
  cached: boolean;
}

/**
 * The classic builder's lines as the same output that BuildKit gives: `Step 2/5 : RUN …` begins a step and ends the one before,
 * ` ---> Using cache` marks it, everything else is its log. Source: moby `builder/dockerfile/evaluator.go`.
 */
export class ClassicOutput {
  readonly #now: () => number;
  #step: Step | undefined;
  /** Short id of `Successfully built …`, for engines that send no `aux`. */
  builtId = '';

  constructor(now: () => number) {
    this.#now = now;
  }

  read(raw: Raw): BuildOutput[] {
    if (typeof raw['stream'] === 'string') return this.#line(raw['stream']);
    if (typeof raw['status'] === 'string') return this.#progress(raw);
    return [];
  }

  /** Call once at the end; `error` when the build failed. */
  finish(error?: string): BuildOutput[] {
    const step = this.#step;
    if (step === undefined) return [];
    this.#step = undefined;
    const durationMs = Math.round(this.#now() - step.startedAt);
    const done = { type: 'step', id: step.id, name: step.name, cached: step.cached, durationMs } as const;
    return [error === undefined ? { ...done, status: 'done' } : { ...done, status: 'failed', error }];
  }

  #line(line: string): BuildOutput[] {
    // Docker writes "Step 1/3 : FROM x", buildah "STEP 1/3: FROM x".
    const step = /^step (\d+)\/(\d+) ?: ([\s\S]*?)\n?$/i.exec(line);
    if (step !== null) return this.#begin(step[1] ?? '', step[2] ?? '', step[3] ?? '');
    if (/^ ---> Using cache|^--> Using cache/.test(line) && this.#step !== undefined)
      this.#step.cached = true;
    this.builtId = /^Successfully built ([0-9a-f]+)/.exec(line)?.[1] ?? this.builtId;
    return isChatter(line) ? [] : [{ type: 'log', id: this.#step?.id ?? '', bytes: Buffer.from(line) }];
  }

  #begin(number: string, total: string, instruction: string): BuildOutput[] {
    const before = this.finish();
    this.#step = {
      id: number,
      name: `[${number}/${total}] ${instruction}`,
      startedAt: this.#now(),
      cached: false,
    };
    return [
      ...before,
      { type: 'step', id: this.#step.id, name: this.#step.name, status: 'started', cached: false },
    ];
  }

  /** The pull of a base image, inside the step that needs it. */
  #progress(raw: Raw): BuildOutput[] {
    const detail = record(raw['progressDetail']);
    const name = [text(raw['id']), text(raw['status'])].filter((part) => part !== '').join(' ');
    if (number(detail['total']) === 0) return [];
    return [
      {
        type: 'progress',
        id: this.#step?.id ?? '',
        name,
        current: number(detail['current']),
        total: number(detail['total']),
      },
    ];
  }
}
