import { createStore, type StoreApi } from 'zustand/vanilla';
import { describeError } from '#contract/describe.ts';
import { toAppError } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { StoredLine } from '#contract/requests/logs.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { type FilterChoice, type FindQuery, searchFilter } from './logFilters.ts';

/** What the search over a log pane shows. */
export interface FindState extends FindQuery {
  readonly open: boolean;
  /** The list of all matches is open. */
  readonly list: boolean;
  /** All matches, also those that are not in `hits`. */
  readonly count: number;
  /** From new to old. */
  readonly hits: readonly StoredLine[];
  /** The id of the match that is shown. */
  readonly at: string | undefined;
  readonly busy: boolean;
  readonly failure: string | undefined;
}

/** Typing goes on meanwhile, in milliseconds. */
const TYPING_MS = 180;
const NOTHING = { count: 0, hits: [], at: undefined, busy: false, failure: undefined } as const;

interface FinderOptions {
  /** Where is searched, and which lines of it the pane may show. */
  readonly query: () => {
    readonly workspace: WorkspaceId;
    readonly services: string[];
    readonly sinceMs?: number;
    readonly untilMs?: number;
    readonly filter: FilterChoice;
  };
  /** Brings a match into sight. */
  readonly onShow: (hit: StoredLine) => void;
  readonly onQuery: () => void;
}

/** Searches everything stored of a pane's services, not what happens to be on screen. */
export class LogFinder {
  readonly state: StoreApi<FindState> = createStore<FindState>(() => ({
    open: false,
    list: false,
    text: '',
    regex: false,
    caseSensitive: false,
    ...NOTHING,
  }));
  readonly #model: WindowModel;
  readonly #options: FinderOptions;
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(model: WindowModel, options: FinderOptions) {
    this.#model = model;
    this.#options = options;
  }

  open(): void {
    this.state.setState({ open: true });
  }

  close(): void {
    this.#stop();
    this.state.setState({ open: false, ...NOTHING });
  }

  dispose(): void {
    this.#stop();
  }

  setList(list: boolean): void {
    this.state.setState({ list });
  }

  ask(change: Partial<FindQuery>): void {
    this.state.setState(change);
    this.again(TYPING_MS);
  }

  /** Searches anew: something of the question is different. */
  again(delayMs = 0): void {
    this.#stop();
    this.state.setState({ ...NOTHING, busy: this.state.getState().text !== '' });
    this.#timer = setTimeout(() => {
      this.#options.onQuery();
      if (this.state.getState().text !== '') void this.#search('newest');
    }, delayMs);
  }

  /** In the order of time; from the last one on to the first, after a look for what has come since. */
  step(direction: 'next' | 'previous'): void {
    const { hits, busy } = this.state.getState();
    const at = this.index;
    if (hits.length === 0) return;
    const index = direction === 'next' ? at - 1 : at + 1;
    if (index < 0 && !busy) void this.#search('newer');
    else this.show(index < 0 ? hits.length - 1 : index % hits.length);
  }

  /** The place of the match that is shown in `hits`, or -1. */
  get index(): number {
    const { hits, at } = this.state.getState();
    return at === undefined ? -1 : hits.findIndex(({ id }) => id === at);
  }

  show(index: number): void {
    const hit = this.state.getState().hits[index];
    if (hit === undefined) return;
    this.state.setState({ at: hit.id });
    this.#options.onShow(hit);
  }

  /** `newer`: goes on to what has come behind the match that is shown, or begins with the oldest. */
  async #search(then: 'newest' | 'newer'): Promise<void> {
    this.#stop();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const before = this.state.getState().at;
    this.state.setState({ busy: true, failure: undefined });
    let hits: StoredLine[] = [];
    try {
      for await (const piece of await this.#request(signal)) {
        if (signal.aborted) return;
        hits = [...hits, ...piece.hits].sort((a, b) => (a.id < b.id ? 1 : -1));
        this.state.setState({ hits, count: piece.count });
        if (then === 'newest' && this.state.getState().at === undefined) this.show(0);
      }
      this.state.setState({ busy: false });
      if (then === 'newer') this.show(this.#behind(before));
    } catch (thrown) {
      if (!signal.aborted) this.state.setState({ ...NOTHING, failure: describeError(toAppError(thrown)) });
    }
  }

  #behind(id: string | undefined): number {
    const { hits } = this.state.getState();
    const index = hits.findIndex((hit) => hit.id === id) - 1;
    return index >= 0 ? index : hits.length - 1;
  }

  #request(signal: AbortSignal) {
    const { filter, ...query } = this.#options.query();
    return this.#model.client.logs.search(
      { ...query, filter: searchFilter(this.state.getState(), filter) },
      { signal },
    );
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }
}
