/** Random numbers that a printed seed brings back. The generator is mulberry32. */
export class SeededRandom {
  readonly seed: number;
  #state: number;

  /** Without a seed a new one; SEED in the environment goes first. */
  constructor(seed = Number(process.env['SEED']) || Math.floor(Math.random() * 2 ** 31)) {
    this.seed = seed;
    this.#state = seed;
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}
