/** How many engine calls run at once to begin with: about what an engine on two cores works through without queueing. */
const START = 12;
const LEAST = 2;
/** More in flight gains nothing on any machine that was measured. */
const MOST = 48;
/** So many successes in a row earn one more. */
const GROW_AFTER = 8;

/** A limit that grows while all goes well and halves when the engine falls over itself. */
export class AdaptiveLimit {
  #limit = START;
  #inFlight = 0;
  #successes = 0;

  get free(): boolean {
    return this.#inFlight < this.#limit;
  }

  take(): void {
    this.#inFlight += 1;
  }

  giveBack(): void {
    this.#inFlight -= 1;
    this.#successes += 1;
    if (this.#successes < GROW_AFTER) return;
    this.#successes = 0;
    this.#limit = Math.min(MOST, this.#limit + 1);
  }

  /** A call failed for a reason that passes: too much at once is the likely cause. */
  backOff(): void {
    this.#successes = 0;
    this.#limit = Math.max(LEAST, Math.floor(this.#limit / 2));
  }
}
