import type { Disposable } from '#base/disposables.ts';
import { type LogContainer, LogFeed, type LogFeedDeps } from './logFeed.ts';
import { fromMs } from './logStore/instant.ts';
import { encodeMarker, type LogMarker } from './markers.ts';

/**
 * Brings the lines of a project's containers into its store: nothing twice, nothing missing, however often the app, the
 * engine or a container restarts. Told of every change by `sync`; asks the engine for nothing but logs.
 */
export class LogCollector implements Disposable {
  readonly #deps: LogFeedDeps;
  readonly #feeds = new Map<string, LogFeed>();
  readonly #leaving = new Set<LogFeed>();

  constructor(deps: LogFeedDeps) {
    this.#deps = deps;
  }

  /** All containers of the project, as they are now. Does nothing where another process writes the store. */
  sync(containers: readonly LogContainer[]): void {
    if (!this.#deps.store.writable) return;
    const present = new Set<string>(containers.map((container) => container.id));
    for (const [id, feed] of this.#feeds) if (!present.has(id)) this.#leave(id, feed);
    for (const container of containers) {
      const feed = this.#feeds.get(container.id);
      if (feed === undefined) this.#feeds.set(container.id, new LogFeed(container, this.#deps));
      else feed.update(container);
    }
  }

  /** A line of ours in a service's log. `containerId`: behind what that container wrote before. */
  mark(
    at: {
      readonly service: string;
      readonly number: number;
      readonly atMs: number;
      readonly containerId?: string;
    },
    marker: LogMarker,
  ): void {
    if (!this.#deps.store.writable) return;
    const feed = at.containerId === undefined ? undefined : this.#feeds.get(at.containerId);
    if (feed !== undefined) feed.mark(marker, at.atMs);
    else this.#deps.store.lane(at).appendMarker(encodeMarker(marker), fromMs(at.atMs));
  }

  /** A line of ours that concerns the whole project. */
  markProject(marker: LogMarker, atMs: number): void {
    this.mark({ service: '', number: 0, atMs }, marker);
  }

  /** Nothing is being read just now but what is followed. For the containers that have ended: all of it is stored. */
  get isIdle(): boolean {
    return [...this.#feeds.values(), ...this.#leaving].every((feed) => feed.isIdle);
  }

  async dispose(): Promise<void> {
    const feeds = [...this.#feeds.values(), ...this.#leaving];
    this.#feeds.clear();
    await Promise.all(feeds.map((feed) => feed.stop()));
  }

  #leave(id: string, feed: LogFeed): void {
    this.#feeds.delete(id);
    this.#leaving.add(feed);
    feed.leave();
    void feed.done.finally(() => this.#leaving.delete(feed));
  }
}
