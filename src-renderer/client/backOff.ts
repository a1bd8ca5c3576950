import type { Clock } from '#base/clock.ts';

const FIRST_DELAY_MS = 200;
/** Longer, and a core that came back would seem dead to whoever looks at the window. */
const LONGEST_DELAY_MS = 5_000;

/** Growing pauses between tries, a little different for everybody, cut short by `wake`. */
export class BackOff {
  readonly #clock: Clock;
  #tries = 0;
  #waiting = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The next pause, milliseconds. */
  next(): number {
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#tries);
    this.#tries += 1;
    return longest * (0.75 + Math.random() / 4);
  }

  reset(): void {
    this.#tries = 0;
  }

  /** Resolves after `ms`, or at once on `wake`. */
  async pause(ms: number): Promise<void> {
    this.#waiting = new AbortController();
    await this.#clock.sleep(ms, this.#waiting.signal).catch(() => undefined); // woken: that is what the signal is for
  }

  /** Resolves on `wake` only. */
  untilWoken(): Promise<void> {
    this.#waiting = new AbortController();
    return new Promise((resolve) => this.#waiting.signal.addEventListener('abort', () => resolve()));
  }

  wake(): void {
    this.#waiting.abort();
  }
}
