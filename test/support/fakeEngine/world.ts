import type { Clock } from '#base/clock.ts';
import { type AppError, AppFailure, type EngineObject } from '#contract/errors.ts';
import type { EngineEvent } from '#engine/events.ts';
import { Channel } from './channel.ts';
import { type ExecHandler, matches, type Program, type ProgramChoice, type ProgramMatch } from './program.ts';
import { changed, type FakeContainer, type FakeImage, type FakeNetwork, type FakeVolume } from './state.ts';

export const FAKE_ENDPOINT = 'fake://engine';

interface Subscriber {
  readonly labels: readonly string[];
  readonly channel: Channel<EngineEvent>;
}

/** Everything a fake engine knows. Its parts (containers, images …) act on it; the controls of a test too. */
export class World {
  readonly clock: Clock;
  readonly containers = new Map<string, FakeContainer>();
  readonly networks = new Map<string, FakeNetwork>();
  readonly volumes = new Map<string, FakeVolume>();
  readonly images: FakeImage[] = [];
  /** What can be pulled: reference → image, or why not. */
  readonly registry = new Map<string, FakeImage | AppError>();
  readonly programs: { readonly match: ProgramMatch; readonly choice: ProgramChoice }[] = [];
  readonly execHandlers: ExecHandler[] = [];
  buildCacheBytes = 0;
  /** Ports that other programs on the machine hold. */
  readonly occupiedPorts = new Set<number>();
  /** What breaks when the engine goes away: streams and waiting calls. */
  readonly connections = new Set<(failure: AppFailure) => void>();
  reachable = true;
  readonly #subscribers = new Set<Subscriber>();
  #ids = 0;
  #lastNano = 0n;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  newId(): string {
    return (++this.#ids).toString(16).padStart(12, '0').padEnd(64, '0');
  }

  container(reference: string): FakeContainer {
    const found = this.findContainer(reference);
    if (found === undefined) throw notFound('container', reference);
    return found;
  }

  findContainer(reference: string): FakeContainer | undefined {
    const name = reference.replace(/^\//, '');
    const all = [...this.containers.values()];
    return (
      this.containers.get(reference) ??
      all.find((container) => container.name === name) ??
      all.find((container) => reference.length >= 12 && container.id.startsWith(reference))
    );
  }

  network(idOrName: string): FakeNetwork {
    const all = [...this.networks.values()];
    const found = this.networks.get(idOrName) ?? all.find((network) => network.body.Name === idOrName);
    if (found === undefined) throw notFound('network', idOrName);
    return found;
  }

  /** The last one that matches wins, so that a test can be more exact than its fixture. */
  program(container: FakeContainer): Program {
    const choice = this.programs.findLast(({ match }) => matches(match, container))?.choice ?? {};
    return typeof choice === 'function' ? choice(container, container.runs) : choice;
  }

  subscribe(labels: readonly string[]): Channel<EngineEvent> {
    const channel: Channel<EngineEvent> = new Channel(() => {
      this.#subscribers.delete(subscriber);
      this.connections.delete(breaks);
    });
    // Events just end, however the connection does.
    const breaks = () => channel.end();
    const subscriber = { labels, channel };
    this.#subscribers.add(subscriber);
    this.connections.add(breaks);
    return channel;
  }

  emit(event: Pick<EngineEvent, 'type' | 'action' | 'detail' | 'id' | 'attributes'>): void {
    const now = BigInt(Math.floor(this.clock.now())) * 1_000_000n;
    this.#lastNano = now > this.#lastNano ? now : this.#lastNano + 1n;
    const at = Number(this.#lastNano / 1_000_000n);
    const full = { ...event, at, atNano: this.#lastNano.toString() };
    for (const { labels, channel } of [...this.#subscribers]) {
      if (labels.every((label) => hasLabel(event.attributes, label))) channel.push(full);
    }
  }

  /** An event of a container: its name, image and labels ride along, as with the real engine. */
  emitContainer(
    container: FakeContainer,
    action: string,
    extra: { readonly detail?: string; readonly attributes?: Readonly<Record<string, string>> } = {},
  ): void {
    this.emit({
      type: 'container',
      action,
      detail: extra.detail,
      id: container.id,
      attributes: {
        ...container.labels,
        image: container.body.Image,
        name: container.name,
        ...extra.attributes,
      },
    });
    changed(container);
  }
}

/** `key` or `key=value`. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return wanted in labels;
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

export function notFound(what: EngineObject, id: string): AppFailure {
  return new AppFailure({ kind: 'engine.notFound', what, id, message: `No such ${what}: ${id}.` });
}

export function conflict(what: EngineObject, id: string, message: string): AppFailure {
  return new AppFailure({ kind: 'engine.conflict', what, id, message });
}

export function failed(status: number, message: string, transient = false): AppFailure {
  return new AppFailure({ kind: 'engine.failed', status, transient, message });
}

export function lost(): AppFailure {
  return new AppFailure({
    kind: 'engine.unreachable',
    endpoint: FAKE_ENDPOINT,
    reason: 'lost',
    message: `The connection to the engine was lost: ${FAKE_ENDPOINT}.`,
  });
}
