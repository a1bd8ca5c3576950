import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { applyFrame, type ReadState } from '#contract/frames.ts';
import { PROTOCOL_VERSION } from '#contract/requests/state.ts';
import { BackOff } from './backOff.ts';
import type { Connection } from './connection.ts';
import { NextTask } from './nextTask.ts';

/**
 * The reader's copy of the state: one subscription per connection, taken up again where it was lost. A frame is read in one task and
 * told in the next: to draw hundreds of services takes as long again as to read them. What comes between is told with it.
 */
export class StateWatch implements Disposable {
  readonly #connection: Connection;
  readonly #states = new Emitter<ReadState>();
  readonly #backOff: BackOff;
  readonly #stop = new AbortController();
  readonly #telling: NextTask;
  #state: ReadState | undefined;
  #untold: ReadState | undefined;
  #running = false;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#backOff = new BackOff(clock);
    this.#telling = new NextTask(() => this.#tell());
  }

  /** The first listener opens the subscription; a later one is given what is known at once. */
  watch(listener: (state: ReadState) => void): Disposable {
    const registered = this.#states.on(listener);
    if (this.#state) listener(this.#state);
    if (!this.#running) void this.#run();
    return registered;
  }

  dispose(): void {
    this.#stop.abort();
    this.#telling.dispose();
    this.#backOff.wake();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (!this.#stop.signal.aborted) {
      await untilConnected(this.#connection);
      await this.#readFrames();
      if (!this.#stop.signal.aborted) await this.#backOff.pause(this.#backOff.next());
    }
  }

  /** Reads until the subscription ends, however it ends: the connection says why, and the next round begins anew. */
  async #readFrames(): Promise<void> {
    try {
      const since = this.#state && { epoch: this.#state.epoch, revision: this.#state.revision };
      const input = { protocol: PROTOCOL_VERSION, ...(since && { since }) };
      const frames = await this.#connection.client.state.watch(input, { signal: this.#stop.signal });
      for await (const frame of frames) {
        this.#backOff.reset();
        const next = applyFrame(this.#state, frame);
        if (next === 'resync') return this.#forget();
        this.#state = next;
        this.#untold = next;
        this.#telling.ask();
      }
    } catch {
      // Lost with the connection, which reports it; a core that fails is asked again after a pause.
    }
  }

  #tell(): void {
    const state = this.#untold;
    this.#untold = undefined;
    if (state) this.#states.emit(state);
  }

  #forget(): void {
    this.#state = undefined;
  }
}

/** Resolves when requests can be made, or when the connection has been closed for good. */
export function untilConnected(connection: Connection): Promise<void> {
  const settled = () => connection.status.type === 'connected' || connection.status.type === 'closed';
  if (settled()) return Promise.resolve();
  return new Promise((resolve) => {
    const listening = connection.onStatus(() => {
      if (!settled()) return;
      void listening.dispose();
      resolve();
    });
  });
}
