/** Runs work strictly one after another. A failure belongs to its caller and does not stop the queue. */
export class SequentialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** How many are running or waiting. */
  get size(): number {
    return this.#waiting;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const result = this.#tail.then(work);
    this.#tail = result.then(
      () => this.#leave(),
      () => this.#leave(),
    );
    return result;
  }

  #leave(): void {
    this.#waiting -= 1;
  }
}
