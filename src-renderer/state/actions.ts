import { throughLoss } from '#client/throughLoss.ts';
import { describeBytes, describeShortage } from '#contract/describe.ts';
import { toAppError } from '#contract/errors.ts';
import type { RunId, ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { MemoryFit } from '#contract/requests/memory.ts';
import type { Question } from './consent.ts';
import { allTabs, closePane, type NewPane, openPane, splitPane } from './dockLayout.ts';
import { selectCurrent } from './selectCurrent.ts';
import { selectServices, selectWorkspace, selectWorkspaces } from './selectors.ts';
import { hasFailed } from './summary.ts';
import { changeView, viewOf } from './viewStore.ts';
import type { WindowModel } from './windowModel.ts';

/** Sends a request; a failure is said in the corner of the window. */
export function attempt<T>(
  model: Pick<WindowModel, 'notices'>,
  what: string,
  request: Promise<T>,
): Promise<T | undefined> {
  return request.then(
    (value) => value,
    (thrown: unknown) => {
      model.notices.failed(what, thrown);
      return undefined;
    },
  );
}

/** Asks for something unless the very same is being asked for: a second press in that moment means nothing more. */
function once(model: WindowModel, name: string, ask: () => Promise<unknown>): void {
  if (model.underWay.has(name)) return;
  model.underWay.add(name);
  void ask().finally(() => model.underWay.delete(name));
}

/** Opens a project and brings it to the front. A core that is just started again is waited for. */
export async function openFolder(model: WindowModel, path: string): Promise<void> {
  const open = throughLoss(model.connection, () => model.client.project.open({ path }));
  const opened = await attempt(model, `Opening ${path}`, open);
  if (opened) model.view.setState({ workspace: opened.workspace, welcome: false });
}

/** Asks for a folder the way this host does: the system's dialog, or our own in a browser. */
export async function pickFolder(model: WindowModel): Promise<void> {
  if (!model.bridge) return model.view.setState({ dialog: { id: 'browse' } });
  const path = await attempt(model, 'Opening a folder', model.bridge.pickFolder());
  if (path) await openFolder(model, path);
}

/** Boots the stack, or only the named services and what they need. */
export function boot(model: WindowModel, workspace: WorkspaceId, services?: readonly ServiceName[]): void {
  const input = services ? { workspace, services: [...services] } : { workspace };
  const begin = () => beginBoot(model, input);
  once(model, nameOf('boot', input), () =>
    model.client.memory.fit(input).then(
      (fit) => {
        if (fit?.type !== 'short') return begin();
        const run = () => once(model, nameOf('boot', input), begin);
        model.view.setState({ question: shortOfMemory(fit, run) });
      },
      // Why there is no answer is what the boot will say.
      begin,
    ),
  );
}

function shortOfMemory(fit: MemoryFit, run: () => void): Question {
  return {
    title: 'There is probably not enough memory',
    body: describeShortage(fit),
    list: fit.services.map(({ service, bytes }) => `${service}  ${describeBytes(bytes)}`),
    action: 'Boot anyway',
    run,
  };
}

interface Services {
  readonly workspace: WorkspaceId;
  readonly services?: ServiceName[];
}

function nameOf(what: string, input: Services): string {
  return `${what} ${JSON.stringify(input)}`;
}

function beginBoot(model: WindowModel, input: Services): Promise<unknown> {
  return model.client.stack.boot(input).catch((thrown: unknown) => {
    // What is missing has its fixes in a dialog, which boots when they are done. It is about the project in front.
    const front = selectCurrent(model.server.getState(), model.view.getState());
    if (toAppError(thrown).kind === 'project.unready' && front === input.workspace)
      model.view.setState({ dialog: { id: 'prerequisites' } });
    else model.notices.failed('Boot', thrown);
  });
}

export function stop(model: WindowModel, workspace: WorkspaceId, services?: readonly ServiceName[]): void {
  const input = services ? { workspace, services: [...services] } : { workspace };
  once(model, nameOf('stop', input), () => attempt(model, 'Stop', model.client.stack.stop(input)));
}

export function restart(model: WindowModel, workspace: WorkspaceId, services?: readonly ServiceName[]): void {
  const input = services ? { workspace, services: [...services] } : { workspace };
  once(model, nameOf('restart', input), () => attempt(model, 'Restart', model.client.stack.restart(input)));
}

export function cancel(model: WindowModel, workspace: WorkspaceId, run: RunId): void {
  void attempt(model, 'Cancel', model.client.stack.cancel({ workspace, run }));
}

/** Brings a project to the front, at this screen. */
export function showScreen(model: WindowModel, workspace: WorkspaceId, screen: string): void {
  changeView(model.view, workspace, { screen });
  model.view.setState({ workspace, welcome: false });
}

/** The settings stand beside a project: the one in front, or the first that is open. Without one it is said how to get there. */
export function showSettings(model: WindowModel): void {
  const state = model.server.getState();
  const wanted = model.view.getState().workspace;
  const workspace = selectWorkspace(state, wanted)?.id ?? selectWorkspaces(state)[0]?.id;
  if (workspace) showScreen(model, workspace, 'settings');
  else
    model.notices.add({
      tone: 'wait',
      title: 'The settings stand beside a project',
      detail: 'Open a folder first.',
    });
}

/** Shows a service in the list that has failed: the first, or the next after the one that is chosen. */
export function showFailed(model: WindowModel, workspace: WorkspaceId): void {
  const failed = selectServices(model.server.getState(), workspace)
    .filter(hasFailed)
    .map(({ name }) => name);
  const { selected: chosen, reveals = 0 } = viewOf(model.view.getState(), workspace);
  const next = failed[(chosen === undefined ? -1 : failed.indexOf(chosen)) + 1] ?? failed[0];
  if (next === undefined) return;
  // Its card says more, and must not be covered.
  model.notices.closeOf(workspace);
  const shown = { screen: 'stack', look: 'list', filter: '' } as const;
  changeView(model.view, workspace, { ...shown, selected: next, reveals: reveals + 1 });
  model.view.setState({ workspace, welcome: false });
}

/** Opens a pane in the dock and shows it. */
export function showPane(model: WindowModel, workspace: WorkspaceId, pane: NewPane): void {
  changeView(model.view, workspace, (view) => ({ dock: openPane(view.dock, pane), dockOpen: true }));
}

/** Opens two panes side by side. */
export function showBeside(
  model: WindowModel,
  workspace: WorkspaceId,
  [left, right]: readonly [NewPane, NewPane],
): void {
  changeView(model.view, workspace, (view) => {
    const first = openPane(view.dock, left);
    const both = openPane(first, right);
    const pane = allTabs(both.root).find(({ id }) => id === both.focused)?.active;
    return { dock: pane === undefined ? both : splitPane(both, pane, 'row'), dockOpen: true };
  });
}

export function hidePane(model: WindowModel, workspace: WorkspaceId, pane: string): void {
  changeView(model.view, workspace, (view) => ({ dock: closePane(view.dock, pane) }));
}

/** Opens a page in the user's browser. Containers write such links: the core checks them again. */
export function openLink(model: WindowModel, url: string): void {
  if (!/^https?:\/\//i.test(url)) return;
  void attempt(model, 'Opening the page', model.client.app.openExternal({ url }));
}
