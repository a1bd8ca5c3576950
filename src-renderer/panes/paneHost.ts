import type { WorkspaceId } from '#contract/ids.ts';
import { unreachable } from '#contract/unreachable.ts';
import { allPanes, type PaneSpec, updatePane, visiblePanes } from '#state/dockLayout.ts';
import { changeView, viewOf } from '#state/viewStore.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { LogPane } from './logPane.ts';
import { TerminalPane } from './terminalPane.ts';

export type LivePane =
  | { readonly type: 'logs'; readonly pane: LogPane }
  | { readonly type: 'terminal'; readonly pane: TerminalPane };

/** Keeps the panes of a window alive while one looks elsewhere, and closes those that left the layout. */
export class PaneHost {
  readonly #model: WindowModel;
  readonly #panes = new Map<string, LivePane>();

  constructor(model: WindowModel) {
    this.#model = model;
    model.view.subscribe((state, before) => {
      if (state.views !== before.views) this.#closeGone();
    });
  }

  /** The pane of this spec, made when it is first looked at. */
  pane(workspace: WorkspaceId, spec: PaneSpec): LivePane {
    const key = `${workspace}/${spec.id}`;
    const known = this.#panes.get(key);
    if (known) return known;
    const made = this.#make(workspace, spec);
    this.#panes.set(key, made);
    return made;
  }

  #make(workspace: WorkspaceId, spec: PaneSpec): LivePane {
    switch (spec.type) {
      case 'logs': {
        const onServices = (services: readonly string[]) =>
          changeView(this.#model.view, workspace, (view) => ({
            dock: updatePane(view.dock, spec.id, { services }),
          }));
        const onInstant = (timeMs: number) => this.#showInstant(workspace, spec.id, timeMs);
        const { services, span } = spec;
        return {
          type: 'logs',
          pane: new LogPane(this.#model, { workspace, services, span, onServices, onInstant }),
        };
      }
      case 'terminal': {
        const onSession = (session: string | undefined) =>
          changeView(this.#model.view, workspace, (view) => ({
            dock: updatePane(view.dock, spec.id, { session }),
          }));
        const { service, kind, session, start } = spec;
        const options = { workspace, service, kind, session, start, onSession };
        return { type: 'terminal', pane: new TerminalPane(this.#model, options) };
      }
      default:
        return unreachable(spec);
    }
  }

  /** A line was chosen in one pane: the log panes beside it go to its time. */
  #showInstant(workspace: WorkspaceId, from: string, timeMs: number): void {
    const view = viewOf(this.#model.view.getState(), workspace);
    if (view.ownClocks) return;
    for (const id of visiblePanes(view.dock)) {
      const live = id === from ? undefined : this.#panes.get(`${workspace}/${id}`);
      if (live?.type === 'logs') void live.pane.place.showInstant(timeMs);
    }
  }

  #closeGone(): void {
    const state = this.#model.view.getState();
    for (const [key, live] of this.#panes) {
      const slash = key.lastIndexOf('/');
      const view = viewOf(state, key.slice(0, slash) as WorkspaceId);
      if (allPanes(view.dock).some((spec) => spec.id === key.slice(slash + 1))) continue;
      this.#panes.delete(key);
      live.pane.dispose('close');
    }
  }
}

const hosts = new WeakMap<WindowModel, PaneHost>();

/** The panes of this window; they outlive every component that shows them. */
export function paneHostOf(model: WindowModel): PaneHost {
  const known = hosts.get(model);
  if (known) return known;
  const made = new PaneHost(model);
  hosts.set(model, made);
  return made;
}
