import { requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

export function stackHandlers(workspaces: Workspaces) {
  const stackOf = (workspace: string) => workspaces.get(workspace).stack;
  const runsOf = (workspace: string) => workspaces.get(workspace).runs;
  return {
    plan: requests.stack.plan.handler(({ input }) => stackOf(input.workspace).plan(input)),
    planDown: requests.stack.planDown.handler(({ input }) => stackOf(input.workspace).planDown(input)),
    boot: requests.stack.boot.handler(({ input }) => stackOf(input.workspace).boot(input)),
    stop: requests.stack.stop.handler(({ input }) => stackOf(input.workspace).stop(input)),
    start: requests.stack.start.handler(({ input }) => stackOf(input.workspace).start(input)),
    restart: requests.stack.restart.handler(({ input }) => stackOf(input.workspace).restart(input)),
    down: requests.stack.down.handler(({ input }) => stackOf(input.workspace).down(input)),
    build: requests.stack.build.handler(({ input }) => stackOf(input.workspace).build(input)),
    pull: requests.stack.pull.handler(({ input }) => stackOf(input.workspace).pull(input)),
    scale: requests.stack.scale.handler(({ input }) => stackOf(input.workspace).scale(input)),
    fix: requests.stack.fix.handler(({ input }) => workspaces.get(input.workspace).fix(input)),
    cancel: requests.stack.cancel.handler(({ input }) => runsOf(input.workspace).cancel(input.run)),
    wait: requests.stack.wait.handler(({ input, signal }) => runsOf(input.workspace).wait(input.run, signal)),
    pause: requests.stack.pause.handler(({ input }) => workspaces.get(input.workspace).pause(input.service)),
    unpause: requests.stack.unpause.handler(({ input }) =>
      workspaces.get(input.workspace).unpause(input.service),
    ),
  };
}
