import { createStore, type StoreApi } from 'zustand/vanilla';
import type { WorkspaceId } from '#contract/ids.ts';
import type { MatchEvent } from '#contract/requests/production.ts';
import type { WindowModel } from '#state/windowModel.ts';

/** By project: which service is being brought to what production runs; `…` before the first. */
export type MatchesState = Readonly<Record<string, string>>;

type Model = Pick<WindowModel, 'client' | 'notices'>;

/** Matches of this window that are at work. They go on while one looks at another screen, and can be stopped from there again. */
export class Matches {
  readonly store: StoreApi<MatchesState> = createStore<MatchesState>(() => ({}));
  readonly #model: Model;
  readonly #aborts = new Map<WorkspaceId, AbortController>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** Brings everything that is apart to what production runs, one match at a time for each project. */
  async run(workspace: WorkspaceId, environment: string): Promise<void> {
    if (this.#aborts.has(workspace)) return;
    const abort = new AbortController();
    this.#aborts.set(workspace, abort);
    this.#at(workspace, '…');
    try {
      const request = { workspace, environment };
      const events = await this.#model.client.production.match(request, { signal: abort.signal });
      for await (const event of events) this.#take(workspace, event);
    } catch (thrown) {
      if (!abort.signal.aborted) this.#model.notices.failed('Matching production', thrown);
    } finally {
      this.#aborts.delete(workspace);
      const { [workspace]: _, ...others } = this.store.getState();
      this.store.setState(others, true);
    }
  }

  /** What is at work ends; nothing after it begins. */
  stop(workspace: WorkspaceId): void {
    this.#aborts.get(workspace)?.abort();
  }

  #take(workspace: WorkspaceId, event: MatchEvent): void {
    if (event.type === 'began') this.#at(workspace, event.service);
    if (event.type !== 'ended' || event.status.type !== 'failed') return;
    this.#model.notices.add({
      tone: 'fail',
      title: `${event.service} is not as in production`,
      detail: event.status.error.message,
    });
  }

  #at(workspace: WorkspaceId, service: string): void {
    this.store.setState({ [workspace]: service });
  }
}

const all = new WeakMap<WindowModel, Matches>();

/** The matches of this window. */
export function matchesOf(model: WindowModel): Matches {
  const known = all.get(model);
  if (known) return known;
  const made = new Matches(model);
  all.set(model, made);
  return made;
}
