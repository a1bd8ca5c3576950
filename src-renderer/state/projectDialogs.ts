import type { Disposable } from '#base/disposables.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { Registry } from './registry.ts';
import { selectCurrent } from './selectCurrent.ts';
import type { ServerStore } from './serverStore.ts';
import type { OpenDialog, ViewStore } from './viewStore.ts';

interface Stores {
  readonly server: ServerStore;
  readonly view: ViewStore;
  readonly registry: Pick<Registry, 'dialogs'>;
}

/**
 * Closes what is open about a project as soon as another one is in front. A folder that is dropped on the window, or opened by a
 * second start of the app, must not turn a question about one project into a button that acts on another.
 */
export function closeWithProject({ server, view, registry }: Stores): Disposable {
  let seen = view.getState();
  let front = selectCurrent(server.getState(), seen);
  const look = () => {
    const [earlier, before] = [seen, front];
    seen = view.getState();
    front = selectCurrent(server.getState(), seen);
    if (before === undefined || before === front) return;
    // What was opened together with the other project is about that one.
    const { dialog, question } = seen;
    const keepsDialog = dialog === undefined || dialog !== earlier.dialog || !(dialog.id in registry.dialogs);
    if (!keepsDialog) view.setState({ dialog: undefined });
    if (question !== undefined && question === earlier.question) view.setState({ question: undefined });
  };
  const ends = [server.subscribe(look), view.subscribe(look)];
  return { dispose: () => ends.forEach((end) => void end()) };
}

/** What an open dialog is about. About something else it begins anew: nothing typed or planned for one thing is left for another. */
export function dialogKey(workspace: WorkspaceId, { id, service, input }: OpenDialog): string {
  return JSON.stringify([workspace, id, service ?? '', input ?? {}]);
}
