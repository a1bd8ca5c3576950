import { requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

export function productionHandlers(workspaces: Workspaces) {
  const of = (workspace: string) => workspaces.get(workspace).production;
  return {
    view: requests.production.view.handler(({ input }) => of(input.workspace).view()),
    addEnvironment: requests.production.addEnvironment.handler(({ input }) =>
      of(input.workspace).addEnvironment(input.name, input.source),
    ),
    removeEnvironment: requests.production.removeEnvironment.handler(({ input }) =>
      of(input.workspace).removeEnvironment(input.name),
    ),
    drift: requests.production.drift.handler(({ input, signal }) => of(input.workspace).drift(input, signal)),
    swapPlan: requests.production.swapPlan.handler(({ input, signal }) =>
      of(input.workspace).swapPlan(input, signal),
    ),
    swap: requests.production.swap.handler(({ input, signal }) => of(input.workspace).swap(input, signal)),
    unswap: requests.production.unswap.handler(({ input }) => of(input.workspace).unswap(input.service)),
    extendLease: requests.production.extendLease.handler(({ input }) =>
      of(input.workspace).extendLease(input.service, input.leaseMs),
    ),
  };
}
