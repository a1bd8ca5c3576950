import { requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

export function dataHandlers(workspaces: Workspaces) {
  const dataOf = (workspace: string) => workspaces.get(workspace).data;
  return {
    view: requests.data.view.handler(({ input }) => dataOf(input.workspace).view()),
    sizes: requests.data.sizes.handler(({ input }) => dataOf(input.workspace).sizes()),
    checkpoint: requests.data.checkpoint.handler(({ input }) => dataOf(input.workspace).checkpoint(input)),
    restore: requests.data.restore.handler(({ input }) => dataOf(input.workspace).restore(input.checkpoint)),
    reset: requests.data.reset.handler(({ input }) => dataOf(input.workspace).reset(input)),
    recreate: requests.data.recreate.handler(({ input }) => dataOf(input.workspace).recreate(input)),
    removeVolumes: requests.data.removeVolumes.handler(({ input }) =>
      dataOf(input.workspace).removeVolumes(input.volumes),
    ),
    rename: requests.data.rename.handler(({ input }) => dataOf(input.workspace).rename(input)),
    removeCheckpoint: requests.data.removeCheckpoint.handler(({ input }) =>
      dataOf(input.workspace).removeCheckpoint(input.checkpoint, input.consents ?? []),
    ),
    exportCheckpoint: requests.data.exportCheckpoint.handler(({ input }) =>
      dataOf(input.workspace).exportTo(input.checkpoint, input.file),
    ),
    importCheckpoint: requests.data.importCheckpoint.handler(({ input }) =>
      dataOf(input.workspace).importFrom(input.file),
    ),
  };
}
