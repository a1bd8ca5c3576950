import type { Clock } from '#base/clock.ts';

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Rounds of the event loop after each wake-up: promise chains that hop over a stream need more than one. */
const SETTLE_ROUNDS = 4;
/** A test that waits for more than this waits for something that never comes. */
const DEFAULT_LIMIT_MS = 24 * 3_600_000;

/** Time that stands still until the test moves it. Sleepers wake in order, each with everything before it settled. */
export class FakeClock implements Clock {
  readonly #start: number;
  #elapsed = 0;
  #order = 0;
  #sleepers: Sleeper[] = [];

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Moves time on by `ms`, waking whoever is due on the way. */
  async advance(ms: number): Promise<void> {
    const target = this.#elapsed + ms;
    await settle();
    for (let next = this.#next(); next !== undefined && next.at <= target; next = this.#next()) {
      await this.#wake(next);
    }
    this.#elapsed = target;
    await settle();
  }

  /** Moves time from sleeper to sleeper until `work` is done, and returns what it gave. Fails when nothing could ever wake it. */
  async run<T>(work: Promise<T>, limitMs = DEFAULT_LIMIT_MS): Promise<T> {
    const limit = this.#elapsed + limitMs;
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    done.catch(() => undefined);
    await settle();
    while (!settled) {
      const next = this.#next();
      if (next === undefined) throw new Error('the work waits, but nobody sleeps: it would wait for ever');
      if (next.at > limit) throw new Error(`the work is not done after ${limitMs} ms of the clock`);
      await this.#wake(next);
    }
    return done;
  }

  #next(): Sleeper | undefined {
    return this.#sleepers.toSorted((left, right) => left.at - right.at || left.order - right.order)[0];
  }

  async #wake(sleeper: Sleeper): Promise<void> {
    this.#elapsed = Math.max(this.#elapsed, sleeper.at);
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    sleeper.wake();
    await settle();
  }
}

/** Lets everything run that can run without time passing. */
export async function settle(): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round++) await new Promise((resolve) => setImmediate(resolve));
}
