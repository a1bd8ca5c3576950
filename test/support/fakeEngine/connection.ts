import { type AppFailure, cancelled } from '#contract/errors.ts';
import type { World } from './world.ts';

/** One stream's connection to the fake: closed by its reader, cut by an abort, or lost with the engine. */
export class Connection {
  readonly #world: World;
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: () => void;
  #failure: AppFailure | undefined;
  #open = true;

  constructor(world: World, signal: AbortSignal | undefined, onEnd: () => void) {
    this.#world = world;
    this.#signal = signal;
    this.#onEnd = onEnd;
    world.connections.add(this.#break);
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
  }

  get open(): boolean {
    return this.#open;
  }

  throwIfBroken(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#world.connections.delete(this.#break);
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#onEnd();
  }

  readonly #break = (failure: AppFailure): void => {
    this.#failure = failure;
    this.close();
  };

  readonly #abort = (): void => this.#break(cancelled());
}
