import { requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

export function watchHandlers(workspaces: Workspaces) {
  const watchesOf = (workspace: string) => workspaces.get(workspace).watches;
  return {
    start: requests.watch.start.handler(async ({ input }) => ({
      services: await watchesOf(input.workspace).start(input.services),
    })),
    stop: requests.watch.stop.handler(({ input }) => watchesOf(input.workspace).stop(input.services)),
  };
}
