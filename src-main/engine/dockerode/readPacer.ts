/** From so many bytes in a millisecond on, what comes is a flood. */
const FLOOD_BYTES_PER_MS = 8 * 1024;
/** Over so many milliseconds that is measured. */
const WINDOW_MS = 2;
/** A rest was too long when so much had come meanwhile: a local socket holds little more, and whoever writes into a full one waits. */
const MANY_BYTES = 16 * 1024;
const MANY_CHUNKS = 96;
const LONGEST_REST_MS = 0.3;
/** Shorter than what the system's timers can do. */
const SHORTEST_REST_MS = 0.02;

/**
 * Lets a flood gather before it is read on. A reader that is always quick sleeps between two lines, and then the engine pays for waking it up
 * with each line it writes: reading faster makes the whole slower, by a third. So while a flood lasts this thread sleeps for up to
 * 0.3 milliseconds after each turn of the event loop; whatever else is due then waits that long.
 */
export class ReadPacer {
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  #restMs = 0;
  #isFlood = false;
  #isDue = false;
  #windowStart = 0;
  #windowBytes = 0;
  #turnBytes = 0;
  #turnChunks = 0;

  /** So much has been read, which was written in so many pieces. */
  note(bytes: number, chunks: number): void {
    this.#turnBytes += bytes;
    this.#turnChunks += chunks;
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#afterTurn);
  }

  readonly #afterTurn = (): void => {
    this.#isDue = false;
    this.#measure(performance.now());
    if (this.#isFlood) this.#rest();
    this.#turnBytes = 0;
    this.#turnChunks = 0;
  };

  #measure(now: number): void {
    this.#windowBytes += this.#turnBytes;
    const elapsed = now - this.#windowStart;
    if (elapsed < WINDOW_MS) return;
    this.#isFlood = this.#windowBytes > elapsed * FLOOD_BYTES_PER_MS;
    this.#windowStart = now;
    this.#windowBytes = 0;
  }

  #rest(): void {
    const wasLong = this.#turnBytes >= MANY_BYTES || this.#turnChunks >= MANY_CHUNKS;
    this.#restMs = wasLong ? this.#restMs / 2 : Math.min(LONGEST_REST_MS, this.#restMs * 1.25 + 0.01);
    if (this.#restMs >= SHORTEST_REST_MS) Atomics.wait(this.#cell, 0, 0, this.#restMs);
  }
}
