import { failing, requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

export function buildsHandlers(workspaces: Workspaces) {
  const buildsOf = (workspace: string) => workspaces.get(workspace).builds;
  return {
    history: requests.builds.history.handler(({ input }) => buildsOf(input.workspace).history(input.service)),
    follow: requests.builds.follow.handler(({ input, signal }) =>
      failing(buildsOf(input.workspace).follow(signal)),
    ),
    advise: requests.builds.advise.handler(({ input }) => buildsOf(input.workspace).advise(input.service)),
    applyAdvice: requests.builds.applyAdvice.handler(({ input }) =>
      buildsOf(input.workspace).applyAdvice(input.service, input.rule),
    ),
    replace: requests.builds.replace.handler(({ input }) => buildsOf(input.workspace).replaceNow(input)),
  };
}
