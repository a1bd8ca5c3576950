import { requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

export function memoryHandlers(workspaces: Workspaces) {
  return {
    fit: requests.memory.fit.handler(({ input }) =>
      workspaces.get(input.workspace).memory.fit(input.services ?? []),
    ),
    setLimit: requests.memory.setLimit.handler(({ input }) =>
      workspaces.get(input.workspace).memory.setLimit(input.service, input.limit),
    ),
  };
}
