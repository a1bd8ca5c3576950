import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { Question } from './consent.ts';
import { type DockLayout, initialDock } from './dockLayout.ts';

export type Theme = 'light' | 'dark' | 'system';

/** How somebody looks at one project. Kept for the next time. */
export interface WorkspaceView {
  readonly screen: string;
  readonly selected?: ServiceName | undefined;
  /** Counts how often the selected one was to be brought on screen, wherever the list had been scrolled to. */
  readonly reveals?: number | undefined;
  readonly filter: string;
  readonly group: 'none' | 'state';
  readonly look: 'list' | 'graph';
  readonly dock: DockLayout;
  /** Percent of list and dock. */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
  readonly dockOpen: boolean;
  /** Log panes beside each other keep to their own times: a line chosen in one moves no other. */
  readonly ownClocks?: boolean | undefined;
}

/** A dialog by the id it is registered with, and what it is about. */
export interface OpenDialog {
  readonly id: string;
  readonly service?: ServiceName | undefined;
  readonly input?: Readonly<Record<string, string>> | undefined;
}

export interface ViewState {
  /** The project last looked at; the first open one when it is gone. */
  readonly workspace?: WorkspaceId | undefined;
  /** The welcome screen in front of an open project. */
  readonly welcome: boolean;
  readonly theme: Theme;
  /** The size of letters in panes, in pixels, where somebody has chosen one. */
  readonly paneFontPx?: number | undefined;
  readonly views: Readonly<Record<string, WorkspaceView>>;
  readonly palette: boolean;
  readonly dialog?: OpenDialog | undefined;
  readonly question?: Question | undefined;
}

export type ViewStore = StoreApi<ViewState>;

const KEY = 'slipway.view';
/** Views of projects that were opened longest ago are forgotten beyond this many. */
const VIEWS_KEPT = 50;

const FRESH: WorkspaceView = {
  screen: 'stack',
  filter: '',
  group: 'none',
  look: 'list',
  dock: initialDock(),
  dockOpen: true,
};

/** View state that survives a reload; nothing in it is a secret or comes from a container. */
export function createViewStore(storage: Storage | undefined): ViewStore {
  const store = createStore<ViewState>(() => ({
    welcome: false,
    theme: 'system',
    views: {},
    ...read(storage),
    palette: false,
    dialog: undefined,
    question: undefined,
  }));
  store.subscribe((state, before) => {
    const same =
      state.workspace === before.workspace &&
      state.theme === before.theme &&
      state.paneFontPx === before.paneFontPx &&
      state.views === before.views;
    if (!same) write(storage, state);
  });
  return store;
}

function read(storage: Storage | undefined): Partial<ViewState> {
  const text = storage?.getItem(KEY);
  if (!text) return {};
  try {
    const saved = JSON.parse(text) as Partial<ViewState> & { version?: number };
    return saved.version === 1
      ? {
          workspace: saved.workspace,
          theme: saved.theme ?? 'system',
          paneFontPx: saved.paneFontPx,
          views: saved.views ?? {},
        }
      : {};
  } catch {
    return {}; // written by another version or by hand: a fresh view is right, and nothing of value is lost
  }
}

function write(storage: Storage | undefined, state: ViewState): void {
  const views = Object.fromEntries(Object.entries(state.views).slice(-VIEWS_KEPT));
  const { workspace, theme, paneFontPx } = state;
  const text = JSON.stringify({ version: 1, workspace, theme, paneFontPx, views });
  try {
    storage?.setItem(KEY, text);
  } catch {
    // The browser keeps nothing for this page (full, or forbidden): the view lives as long as the window.
  }
}

/** The view of one project, as it was left or fresh. */
export function viewOf(state: ViewState, workspace: WorkspaceId): WorkspaceView {
  return state.views[workspace] ?? FRESH;
}

/** Changes the view of one project. */
export function changeView(
  store: ViewStore,
  workspace: WorkspaceId,
  change: Partial<WorkspaceView> | ((view: WorkspaceView) => Partial<WorkspaceView>),
): void {
  store.setState((state) => {
    const view = viewOf(state, workspace);
    const part = typeof change === 'function' ? change(view) : change;
    return { views: { ...state.views, [workspace]: { ...view, ...part } } };
  });
}
