import { CREDIT_BYTES, RESUME_BYTES } from '#contract/streams.ts';

/** Counts what a reader has not acknowledged: over CREDIT_BYTES its source waits until less than RESUME_BYTES are left. */
export class Credit {
  #unacknowledged = 0;
  #paused = false;
  #closed = false;
  #waiting: (() => void)[] = [];

  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  sent(bytes: number): void {
    this.#unacknowledged += bytes;
  }

  acknowledge(bytes: number): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - bytes);
    if (this.#unacknowledged < RESUME_BYTES) this.#wake();
  }

  /** The reader asks for nothing more for now. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /** Nobody reads any more: who waits goes on, and finds that out. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  get isOpen(): boolean {
    return this.#closed || (!this.#paused && this.#unacknowledged <= CREDIT_BYTES);
  }

  /** Resolves when more may be sent. */
  async ready(): Promise<void> {
    while (!this.isOpen) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    if (this.#paused && !this.#closed) return;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
