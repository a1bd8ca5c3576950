import type { WorkspaceId } from '#contract/ids.ts';
import { selectWorkspace, selectWorkspaces } from './selectors.ts';
import type { ServerState } from './serverStore.ts';
import type { ViewState } from './viewStore.ts';

/** The project in front: the one last looked at, or the first that is open. */
export function selectCurrent(
  server: ServerState,
  view: Pick<ViewState, 'workspace'>,
): WorkspaceId | undefined {
  return selectWorkspace(server, view.workspace)?.id ?? selectWorkspaces(server)[0]?.id;
}
