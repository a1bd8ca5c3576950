import { requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

export function versionsHandlers(workspaces: Workspaces) {
  const versionsOf = (workspace: string) => workspaces.get(workspace).versions;
  return {
    menu: requests.versions.menu.handler(({ input }) => versionsOf(input.workspace).menu(input.service)),
    plan: requests.versions.plan.handler(({ input }) => versionsOf(input.workspace).plan(input)),
    matrix: requests.versions.matrix.handler(({ input }) =>
      workspaces.get(input.workspace).matrix.begin(input),
    ),
    matrixResults: requests.versions.matrixResults.handler(
      ({ input }) => workspaces.get(input.workspace).matrix.results,
    ),
    forgetFailure: requests.versions.forgetFailure.handler(({ input }) =>
      versionsOf(input.workspace).forgetFailure(input.service),
    ),
    reindex: requests.versions.reindex.handler(({ input }) =>
      versionsOf(input.workspace).reindex(input.service),
    ),
    switchMany: requests.versions.switchMany.handler(({ input }) =>
      versionsOf(input.workspace).switchMany(input.services),
    ),
    switch: requests.versions.switch.handler(({ input }) => versionsOf(input.workspace).switch(input)),
  };
}
