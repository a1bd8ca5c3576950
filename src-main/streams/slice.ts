/** Cuts long work into slices, so that the event loop never waits longer than one of them. */
export class Slice {
  readonly #ms: number;
  #end: number;

  constructor(ms: number) {
    this.#ms = ms;
    this.#end = performance.now() + ms;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets everything else that waits run, then begins a new slice. */
  async next(): Promise<void> {
    await new Promise(setImmediate);
    this.#end = performance.now() + this.#ms;
  }
}
