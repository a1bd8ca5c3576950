import type { ContainerId } from '#contract/ids.ts';
import type { EngineEvent } from '#engine/events.ts';
import type { ObservedContainer } from '#plan/observed.ts';

/** The exit code of SIGKILL. */
const KILLED = 137;

/** SIGHUP, SIGUSR1, SIGUSR2: to reload or to rotate logs, not to end. */
const TALKING_SIGNALS = new Set(['1', '10', '12']);

/**
 * Tells ends from stops. The engine says `kill` before the `die` of a container that somebody stopped, killed or
 * restarted, and nothing before the `die` of one that ended by itself. (`stop` comes with the `die` in no fixed order.)
 */
export class EndingWatch {
  readonly #asked = new Set<ContainerId>();
  /** Heard to lose a process for want of memory since it was started. */
  readonly #starved = new Set<ContainerId>();
  readonly #lastExits = new Map<ContainerId, NonNullable<ObservedContainer['lastExit']>>();
  readonly #endedItself = new Map<ContainerId, 'itself' | 'asked'>();

  hear(event: EngineEvent): void {
    const id = event.id as ContainerId;
    switch (event.action) {
      case 'kill':
        if (!TALKING_SIGNALS.has(event.attributes['signal'] ?? '')) this.#asked.add(id);
        return;
      case 'die':
        this.#endedItself.set(id, this.#asked.has(id) ? 'asked' : 'itself');
        this.#lastExits.set(id, { at: event.at, exitCode: Number(event.attributes['exitCode'] ?? 0) });
        return;
      case 'stop':
        // One that waits for its next start has no process to kill: this is all that is said of its stop.
        if (this.endsWait(id)) this.#endedItself.set(id, 'asked');
        return;
      case 'oom':
        this.#starved.add(id);
        return;
      case 'start':
        this.#starved.delete(id);
        this.#asked.delete(id);
        this.#endedItself.delete(id);
        return;
      default:
        return;
    }
  }

  /** Whether a stop that is heard now is of a container that ended by itself and waits to be started again. */
  endsWait(id: ContainerId): boolean {
    return this.#endedItself.get(id) === 'itself' && !this.#asked.has(id);
  }

  /** Whether somebody has asked it to end since it was started. */
  isAsked(id: ContainerId): boolean {
    return this.#asked.has(id);
  }

  forget(id: ContainerId): void {
    this.#starved.delete(id);
    this.#asked.delete(id);
    this.#endedItself.delete(id);
    this.#lastExits.delete(id);
  }

  /** The container with what was heard about its end; nothing where its end was before anybody listened. */
  describe(container: ObservedContainer): ObservedContainer {
    const lastExit = this.#lastExits.get(container.id);
    if (lastExit === undefined) return container;
    const ending = this.#endedItself.get(container.id);
    if (container.state !== 'exited' || ending === undefined) return { ...container, lastExit };
    // The engine may note it in the container only after it has told of the end.
    const oomKilled =
      container.oomKilled || (container.exitCode === KILLED && this.#starved.has(container.id));
    return { ...container, oomKilled, lastExit, endedItself: ending === 'itself' };
  }
}
