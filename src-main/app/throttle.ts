import type { Disposable } from '#base/disposables.ts';

/** Runs work at most once per span, and always once more after the last call. */
export class Throttle implements Disposable {
  readonly #work: () => void;
  readonly #spanMs: number;
  #timer: NodeJS.Timeout | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #disposed = false;

  constructor(work: () => void, spanMs: number) {
    this.#work = work;
    this.#spanMs = spanMs;
  }

  /** The first call after a rest is served in the same turn of the event loop. */
  schedule(): void {
    if (this.#timer !== undefined || this.#disposed) return;
    const rest = Math.max(0, this.#last + this.#spanMs - performance.now());
    this.#timer = setTimeout(() => this.flush(), rest);
  }

  /** Does the work now, where some is due. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = performance.now();
    this.#work();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
