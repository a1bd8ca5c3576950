import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { Observer } from '#run/observer.ts';
import type { EngineLink } from './engineLink.ts';

/** The observer of whatever engine there is: begins with the first connection and then stays, through losses and returns. */
export class ContainersWatch implements Disposable {
  /** The names of the projects that something has changed for; `all` after a loss or a return. */
  readonly changes = new Emitter<ReadonlySet<string> | 'all'>();
  readonly #clock: Clock;
  readonly #link: EngineLink;
  readonly #heard: Disposable;
  #observer: Observer | undefined;

  constructor(link: EngineLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
    this.#heard = link.changes.on(() => this.#follow());
  }

  /** Every change is heard: what `containers` gives is how things are. */
  get live(): boolean {
    return this.#observer?.status.type === 'live' && this.#link.status.type === 'connected';
  }

  /** Of all compose projects of the engine, as known last. */
  get count(): number {
    return this.#observer?.count ?? 0;
  }

  /** As known last. */
  containers(project: string): readonly ObservedContainer[] {
    return this.#observer?.containers(project) ?? [];
  }

  /** See `Observer.oomKills`. */
  oomKills(project: string, service: string): number {
    return this.#observer?.oomKills(project, service) ?? 0;
  }

  /** As they are, once everything heard has been looked at; undefined while not live. */
  async settledContainers(
    project: string,
    signal?: AbortSignal,
  ): Promise<readonly ObservedContainer[] | undefined> {
    if (!this.live) return undefined;
    await this.#observer?.settled(signal);
    return this.containers(project);
  }

  async dispose(): Promise<void> {
    this.#heard.dispose();
    await this.#observer?.dispose();
  }

  #follow(): void {
    const { engine } = this.#link;
    if (engine !== undefined && this.#observer === undefined) {
      this.#observer = new Observer({ engine, clock: this.#clock });
      let status = this.#observer.status.type;
      this.#observer.changes.on((change) => {
        const turned = status !== change.status.type;
        status = change.status.type;
        this.changes.emit(turned ? 'all' : change.projects);
      });
      this.#observer.start();
    }
    this.changes.emit('all');
  }
}
