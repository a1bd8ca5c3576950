import { createStore, type StoreApi } from 'zustand/vanilla';
import { describeError } from '#contract/describe.ts';
import { toAppError } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'ok' | 'wait' | 'fail';
  readonly title: string;
  readonly detail?: string | undefined;
  /** Whose run it tells of: the next one there makes it old news. */
  readonly workspace?: WorkspaceId | undefined;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

export interface NoticeState {
  readonly notices: readonly Notice[];
  /** Said to screen readers only: what sighted users see elsewhere on the screen. */
  readonly said: string;
  /** Pixels at the bottom of the window that notices leave free. */
  readonly abovePx: number;
}

/** Good news goes by itself; bad news waits to be read. */
const GOOD_NEWS_MS = 5000;
const NOTICES_KEPT = 4;

/** What is said in the corner of the window and to screen readers. */
export class Notices {
  readonly store: StoreApi<NoticeState> = createStore<NoticeState>(() => ({
    notices: [],
    said: '',
    abovePx: 0,
  }));
  #nextId = 1;

  add(notice: Omit<Notice, 'id'>): void {
    const id = this.#nextId++;
    this.store.setState((state) => ({
      notices: [...state.notices.slice(1 - NOTICES_KEPT), { ...notice, id }],
    }));
    if (notice.tone !== 'fail') setTimeout(() => this.close(id), GOOD_NEWS_MS);
  }

  close(id: number): void {
    this.store.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
  }

  /** Something new is being done there. */
  closeOf(workspace: WorkspaceId): void {
    const { notices } = this.store.getState();
    const others = notices.filter((notice) => notice.workspace !== workspace);
    if (others.length < notices.length) this.store.setState({ notices: others });
  }

  standAbove(px: number): void {
    if (this.store.getState().abovePx !== px) this.store.setState({ abovePx: px });
  }

  say(text: string): void {
    this.store.setState({ said: text });
  }

  /** A request failed. What somebody cancelled is no failure. */
  failed(what: string, thrown: unknown): void {
    const error = toAppError(thrown);
    if (error.kind === 'cancelled') return;
    this.add({ tone: 'fail', title: `${what} failed`, detail: describeError(error) });
  }
}
