import type { Clock } from '#base/clock.ts';
import { type Disposable, Disposables } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { AppFailure, toAppError } from '#contract/errors.ts';
import type { EngineStatus } from '#contract/model.ts';
import { FileWatch } from '#disk/fileWatch.ts';
import type { Engine, EngineInfo } from '#engine/engine.ts';
import type { EventStream } from '#engine/events.ts';
import type { Attempt } from '#engine/noEngine.ts';

/** First pause after a failed attempt, and the longest: an engine that is back is seen within two seconds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** An engine that answers nothing for so long counts as lost. */
const ANSWER_MS = 10_000;
/** No object carries it, so the subscription is silent and only its end is heard. */
const NOTHING = 'dev.slipway.never=1';

/**
 * The one connection to the engine: finds it, notices at once when it is lost, comes back by itself.
 * The engine's state is what `status` says; a failed attempt is a state, never an exception.
 */
export class EngineLink implements Disposable {
  readonly changes = new Emitter<EngineStatus>();
  readonly #connect: (signal: AbortSignal) => Promise<Engine>;
  readonly #clock: Clock;
  readonly #disposables = new Disposables();
  readonly #ended = new AbortController();
  readonly #socket: FileWatch;
  #status: EngineStatus = { type: 'connecting' };
  #engine: Engine | undefined;
  #hurry = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: {
    readonly connect: (signal: AbortSignal) => Promise<Engine>;
    readonly clock: Clock;
  }) {
    this.#connect = options.connect;
    this.#clock = options.clock;
    this.#socket = this.#disposables.add(new FileWatch(() => this.reconnect()));
  }

  get status(): EngineStatus {
    return this.#status;
  }

  /** What the engine has said of itself, while it is connected. */
  get info(): Extract<EngineStatus, { readonly type: 'connected' }> | undefined {
    return this.#status.type === 'connected' ? this.#status : undefined;
  }

  /** The engine while it is connected. */
  get engine(): Engine | undefined {
    return this.#status.type === 'connected' ? this.#engine : undefined;
  }

  /** The engine, or the reason why there is none, thrown. */
  require(): Engine {
    if (this.engine !== undefined) return this.engine;
    if (this.#status.type === 'unreachable') throw new AppFailure(this.#status.error);
    throw new AppFailure({
      kind: 'engine.unreachable',
      endpoint: '',
      reason: 'lost',
      message: 'The engine has not answered yet.',
    });
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Tries again now instead of after the pause. */
  reconnect(): void {
    this.#hurry.abort();
  }

  /** Resolves with the first status that is not `connecting`. */
  async settled(signal?: AbortSignal): Promise<EngineStatus> {
    if (this.#status.type !== 'connecting') return this.#status;
    return new Promise((resolve, reject) => {
      const heard = this.changes.on((status) => {
        if (status.type === 'connecting') return;
        heard.dispose();
        resolve(status);
      });
      signal?.addEventListener(
        'abort',
        () => {
          heard.dispose();
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  async dispose(): Promise<void> {
    this.#ended.abort();
    this.#hurry.abort();
    await this.#loop;
    await this.#disposables.dispose();
    await this.#engine?.close();
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#ended.signal.aborted) {
      this.#hurry = new AbortController();
      if (await this.#live()) {
        pause = FIRST_PAUSE_MS;
        continue;
      }
      await this.#wait(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  /** One connection from its first answer to its loss. False when there was no answer at all. */
  async #live(): Promise<boolean> {
    try {
      const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(ANSWER_MS)]);
      this.#engine ??= await this.#connect(signal);
      const events = await this.#openEvents(this.#engine);
      try {
        this.#become(connectedStatus(await this.#engine.info({ signal }), this.#clock.now()));
        for await (const _ of events);
      } finally {
        events.close();
      }
      return true;
    } catch (thrown) {
      if (!this.#ended.signal.aborted) this.#lost(thrown);
      return false;
    }
  }

  /** A subscription lives for hours; only its opening has a limit, for an engine that takes calls and answers none. */
  async #openEvents(engine: Engine): Promise<EventStream> {
    const opening = new AbortController();
    const timer = setTimeout(() => opening.abort(), ANSWER_MS);
    try {
      const signal = AbortSignal.any([this.#ended.signal, opening.signal]);
      return await engine.openEvents({ labels: [NOTHING], signal });
    } catch (thrown) {
      throw opening.signal.aborted ? noAnswer() : thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  #lost(thrown: unknown): void {
    const error = toAppError(thrown);
    const tried = triedPlaces(thrown);
    this.#socket.set(tried.flatMap(socketPath));
    const since = this.#status.type === 'unreachable' ? this.#status.since : this.#clock.now();
    this.#become({ type: 'unreachable', error, since, tried });
  }

  #become(status: EngineStatus): void {
    if (this.#ended.signal.aborted) return;
    if (status.type === 'connected') this.#socket.set([]);
    this.#status = status;
    this.changes.emit(status);
  }

  async #wait(ms: number): Promise<void> {
    const signal = AbortSignal.any([this.#ended.signal, this.#hurry.signal]);
    await this.#clock.sleep(ms, signal).catch(() => undefined);
  }
}

/** Every place that was asked: the failure of a search carries its attempts, any other names one place. */
function triedPlaces(thrown: unknown): readonly string[] {
  const attempts: unknown = thrown instanceof Error ? thrown.cause : undefined;
  if (Array.isArray(attempts)) return (attempts as readonly Attempt[]).map(({ endpoint }) => endpoint.url);
  const error = toAppError(thrown);
  return error.kind === 'engine.unreachable' && error.endpoint !== '' ? [error.endpoint] : [];
}

function noAnswer(): AppFailure {
  return new AppFailure({
    kind: 'engine.unreachable',
    endpoint: '',
    reason: 'lost',
    message: 'The engine takes calls and answers none.',
    hint: 'Restart the engine.',
  });
}

function connectedStatus(info: EngineInfo, since: number): EngineStatus {
  const { product, version, apiVersion, endpoint, operatingSystem, platform, cpus, memoryBytes, containers } =
    info;
  return {
    type: 'connected',
    product,
    version,
    apiVersion,
    endpoint,
    operatingSystem,
    platform,
    cpus,
    memoryBytes,
    containers,
    since,
  };
}

function socketPath(endpoint: string): string[] {
  return endpoint.startsWith('unix://') ? [endpoint.slice('unix://'.length)] : [];
}
