import type { Disposable } from '#base/disposables.ts';

/**
 * The work may take this share of a processor at most: with hundreds of services it costs milliseconds, and a boot needs the
 * machine for itself.
 */
const LARGEST_SHARE = 0.005;
/** But it is never put off for longer: the first work of a young process costs ten times as much as any later. */
const LONGEST_REST_MS = 300;

/** Runs work at most once per span, more seldom where it is expensive, and always once more after the last call. */
export class Throttle implements Disposable {
  readonly #work: () => void;
  readonly #spanMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** When the work may be done again. */
  #next = Number.NEGATIVE_INFINITY;
  #disposed = false;

  constructor(work: () => void, spanMs: number) {
    this.#work = work;
    this.#spanMs = spanMs;
  }

  /** The first call after a rest is served in the same turn of the event loop. */
  schedule(): void {
    if (this.#timer !== undefined || this.#disposed) return;
    const rest = Math.max(0, this.#next - performance.now());
    this.#timer = setTimeout(() => this.flush(), rest);
  }

  /** Does the work now, where some is due. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const began = performance.now();
    const before = process.cpuUsage();
    this.#work();
    const rest = Math.min(LONGEST_REST_MS, processorMs(before) / LARGEST_SHARE);
    this.#next = began + Math.max(this.#spanMs, rest);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** By the clock it would count, on a busy machine, how long others had the processor. */
function processorMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
