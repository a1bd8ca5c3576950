import type { Clock } from '#base/clock.ts';
import { deferred } from '#base/deferred.ts';
import type { Disposable } from '#base/disposables.ts';
import { LABELS } from '#compose/labels.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { EngineEvent, EventStream } from '#engine/events.ts';

/** What a listener hears: an event of its container, or that events may have been missed and it should look itself. */
export type Heard = { readonly type: 'event'; readonly event: EngineEvent } | { readonly type: 'gap' };

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** After one of these a container runs no more, or no longer as it did. */
const ENDS: ReadonlySet<string> = new Set(['die', 'pause', 'destroy', 'oom']);

/** After one of these a container rests no more before its next start: it runs, somebody has stopped it, or it is gone. */
const ENDS_A_REST: ReadonlySet<string> = new Set(['start', 'stop', 'destroy']);

/** The events of one project's containers while a run works: one subscription for all that it waits for. */
export class ContainerEvents implements Disposable {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #label: string;
  readonly #ended = new AbortController();
  readonly #listeners = new Map<ContainerId, Set<(heard: Heard) => void>>();
  /** Heard to start, and of no end since: when, on the clock's monotonic scale. */
  readonly #running = new Map<ContainerId, number>();
  readonly #ends = new Map<ContainerId, number>();
  #loop: Promise<void> | undefined;

  constructor(options: { readonly engine: Engine; readonly clock: Clock; readonly project: string }) {
    this.#engine = options.engine;
    this.#clock = options.clock;
    this.#label = `${LABELS.project}=${options.project}`;
  }

  /** Resolves when the engine has accepted the subscription: what happens after that is heard. */
  async open(signal: AbortSignal): Promise<void> {
    const stream = await this.#engine.openEvents({
      labels: [this.#label],
      signal: AbortSignal.any([signal, this.#ended.signal]),
    });
    this.#loop = this.#read(stream);
  }

  on(container: ContainerId, listener: (heard: Heard) => void): Disposable {
    const known = this.#listeners.get(container) ?? new Set();
    this.#listeners.set(container, known.add(listener));
    return { dispose: () => void known.delete(listener) };
  }

  /** Heard to start while this listened, and of nothing that ends it since: there is no need to ask. */
  runs(container: ContainerId): boolean {
    return this.#running.has(container);
  }

  /** Milliseconds since it was heard to start; 0 where it was not. The start's own answer comes later on a busy engine. */
  ranFor(container: ContainerId): number {
    const since = this.#running.get(container);
    return since === undefined ? 0 : this.#clock.monotonic() - since;
  }

  /** How often it was heard to end. */
  ends(container: ContainerId): number {
    return this.#ends.get(container) ?? 0;
  }

  /** Resolves when it has been started again, or will not be, or when that may have gone by unheard. Rejects with the signal's reason. */
  nextStart(container: ContainerId, signal: AbortSignal): Promise<void> & Disposable {
    const { promise, resolve, reject } = deferred<void>();
    promise.catch(() => undefined);
    const listening = this.on(container, (heard) => {
      if (heard.type === 'gap' || ENDS_A_REST.has(heard.event.action)) resolve();
    });
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const dispose = () => {
      listening.dispose();
      signal.removeEventListener('abort', onAbort);
    };
    return Object.assign(promise, { dispose });
  }

  async dispose(): Promise<void> {
    this.#ended.abort();
    await this.#loop;
  }

  async #read(first: EventStream): Promise<void> {
    let stream: EventStream | undefined = first;
    let pause = FIRST_PAUSE_MS;
    while (!this.#ended.signal.aborted) {
      if (stream !== undefined) {
        await this.#drain(stream);
        pause = FIRST_PAUSE_MS;
      }
      stream = await this.#reopen(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      if (stream !== undefined) this.#tellAll();
    }
    stream?.close();
  }

  async #drain(stream: EventStream): Promise<void> {
    try {
      for await (const event of stream) this.#hear(event);
    } catch (thrown) {
      // A stream that breaks is opened again like one that ends; what was missed is looked up after that.
      if (!(thrown instanceof AppFailure)) throw thrown;
    } finally {
      stream.close();
    }
  }

  #hear(event: EngineEvent): void {
    const id = event.id as ContainerId;
    if (event.action === 'start') this.#running.set(id, this.#clock.monotonic());
    else if (ENDS.has(event.action)) this.#running.delete(id);
    if (event.action === 'die') this.#ends.set(id, this.ends(id) + 1);
    for (const listener of [...(this.#listeners.get(id) ?? [])]) listener({ type: 'event', event });
  }

  async #reopen(pause: number): Promise<EventStream | undefined> {
    try {
      await this.#clock.sleep(pause, this.#ended.signal);
      return await this.#engine.openEvents({ labels: [this.#label], signal: this.#ended.signal });
    } catch {
      return undefined;
    }
  }

  #tellAll(): void {
    // An end may have gone by unheard.
    this.#running.clear();
    for (const listeners of this.#listeners.values())
      for (const listener of [...listeners]) listener({ type: 'gap' });
  }
}
