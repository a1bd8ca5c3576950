import { requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

export function bootHandlers(workspaces: Workspaces) {
  return {
    history: requests.boot.history.handler(({ input }) => workspaces.get(input.workspace).boots),
    pullPlan: requests.boot.pullPlan.handler(({ input, signal }) =>
      workspaces.get(input.workspace).pullPlan(signal),
    ),
  };
}
