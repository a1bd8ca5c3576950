import { createStore, type StoreApi } from 'zustand/vanilla';
import type { WorkspaceId } from '#contract/ids.ts';
import { attempt } from '#state/actions.ts';
import type { WindowModel } from '#state/windowModel.ts';

export interface ImportsState {
  /** Projects that something is being taken into now. */
  readonly running: readonly WorkspaceId[];
  /** How many have been taken in: what is stored is another then, and no run says so. */
  readonly done: number;
}

type Model = Pick<WindowModel, 'client' | 'notices'>;

/** Checkpoints being imported; they go on when their dialog is closed. */
export class Imports {
  readonly store: StoreApi<ImportsState> = createStore<ImportsState>(() => ({ running: [], done: 0 }));
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Takes a file in, one at a time for each project. Was it taken? A failure has been said. */
  async take(workspace: WorkspaceId, file: string): Promise<boolean> {
    if (this.store.getState().running.includes(workspace)) return false;
    this.store.setState(({ running }) => ({ running: [...running, workspace] }));
    const request = this.#model.client.data.importCheckpoint({ workspace, file });
    const taken = await attempt(this.#model, 'Import', request);
    this.store.setState(({ running, done }) => ({
      running: running.filter((id) => id !== workspace),
      done: taken ? done + 1 : done,
    }));
    if (taken) this.#model.notices.add({ tone: 'ok', title: `${taken.name} is imported` });
    return taken !== undefined;
  }
}

const all = new WeakMap<WindowModel, Imports>();

/** The imports of this window. */
export function importsOf(model: WindowModel): Imports {
  const known = all.get(model);
  if (known) return known;
  const made = new Imports(model);
  all.set(model, made);
  return made;
}
