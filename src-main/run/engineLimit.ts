import type { Clock } from '#base/clock.ts';

/** So many calls keep a processor busy at nearly all times; more of them cost the engine more than the rest is worth. */
const PER_PROCESSOR = 4;
/** With so many it has a little time left in between, and a window gets it. */
const SPARING_PER_PROCESSOR = 2;
/** Of an engine that does not say how many it has. */
export const PROCESSORS = 2;
/** A run of so many calls lasts long enough for that to be felt. */
const MANY = 100;
/** Of a shorter run: what can begin at once does, since each level of a stack waits for the last of the one before. */
const LEAST_OF_SHORT = 8;
const LEAST = 2;
/** However long calls take. */
const MOST = 48;
/** A call that takes longer does not wait for a processor but for a disk, a network or another container: that hinders nobody. */
const SLOW_MS = 5_000;
/** So many successes in a row take one step of a retreat back. */
const GROW_AFTER = 8;

/**
 * How many engine calls may be under way at once: in a long run, where that is wanted, no more than its processors work through. It
 * halves when the engine falls over itself and comes back while all goes well; a call that takes long gives its place to another.
 * Measured: decisions 062 and 064.
 */
export class EngineLimit {
  readonly #clock: Clock;
  readonly #usual: number;
  readonly #onFree: () => void;
  #limit: number;
  #underWay = 0;
  #waiting = 0;
  #successes = 0;

  /** `onFree` hears that there is a place again without a call having ended. */
  constructor(options: {
    readonly clock: Clock;
    readonly processors: number | undefined;
    /** No more than keep the processors busy. */
    readonly sparing: boolean;
    /** How many there will be. */
    readonly calls: number;
    readonly onFree: () => void;
  }) {
    this.#clock = options.clock;
    const { processors = PROCESSORS, sparing, calls } = options;
    const isShort = calls < MANY;
    const busy = processors * (sparing || isShort ? SPARING_PER_PROCESSOR : PER_PROCESSOR);
    this.#usual = Math.min(MOST, Math.max(busy, isShort ? LEAST_OF_SHORT : LEAST));
    this.#limit = this.#usual;
    this.#onFree = options.onFree;
  }

  /** So many at once, as things are. */
  get places(): number {
    return this.#limit;
  }

  get free(): boolean {
    return this.#underWay < this.#limit && this.#underWay + this.#waiting < MOST;
  }

  /** A call begins; what is returned tells that it has ended. */
  take(): () => void {
    const ending = new AbortController();
    let isSlow = false;
    this.#underWay += 1;
    const slow = () => {
      isSlow = true;
      this.#underWay -= 1;
      this.#waiting += 1;
      this.#onFree();
    };
    this.#clock.sleep(SLOW_MS, ending.signal).then(slow, () => undefined);
    return () => {
      ending.abort();
      if (isSlow) this.#waiting -= 1;
      else this.#underWay -= 1;
      this.#count();
    };
  }

  /** A call failed for a reason that passes: too much at once is the likely cause. */
  backOff(): void {
    this.#successes = 0;
    this.#limit = Math.max(LEAST, Math.floor(this.#limit / 2));
  }

  #count(): void {
    this.#successes += 1;
    if (this.#successes < GROW_AFTER) return;
    this.#successes = 0;
    this.#limit = Math.min(this.#usual, this.#limit + 1);
  }
}
