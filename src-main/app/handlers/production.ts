import type { RunId } from '#contract/ids.ts';
import { logIn, logOut } from '#images/login.ts';
import type { CoreParts } from '../coreParts.ts';
import { matchProduction } from '../production/matchProduction.ts';
import { failing, requests } from '../requestBase.ts';

export function productionHandlers({ workspaces, options }: CoreParts) {
  const places = { environment: options.environment, home: options.folders.home };
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
    swap: requests.production.swap.handler(async ({ input, signal }) => {
      await workspaces.get(input.workspace).recovered();
      return of(input.workspace).swap(input, signal);
    }),
    unswap: requests.production.unswap.handler(async ({ input }) => {
      await workspaces.get(input.workspace).recovered();
      return of(input.workspace).unswap(input.service);
    }),
    match: requests.production.match.handler(({ input }) => {
      const { production, versions, runs, source } = workspaces.get(input.workspace);
      const world = {
        drift: () => production.drift(input),
        requireServices: (names: readonly string[]) => source.requireServices(names),
        switchTo: (service: string, to: string) => versions.switch({ service, to }),
        swap: (service: string) => production.swap({ ...input, service }),
        wait: (run: RunId) => runs.wait(run),
        statusOf: (run: RunId) => (runs.current?.record.id === run ? runs.current.record.status : undefined),
      };
      return failing(matchProduction(world, input.services ?? []));
    }),
    changes: requests.production.changes.handler(({ input, signal }) =>
      of(input.workspace).changes(input.service, signal),
    ),
    releases: requests.production.releases.handler(({ input, signal }) =>
      of(input.workspace).releases(input, signal),
    ),
    extendLease: requests.production.extendLease.handler(({ input }) =>
      of(input.workspace).extendLease(input.service, input.leaseMs),
    ),
    preflight: requests.production.preflight.handler(({ input, signal }) =>
      of(input.workspace).preflight(input.images, signal),
    ),
    login: requests.production.login.handler(async ({ input, signal }) => {
      const kept = await logIn(input, places, { fetch, signal });
      return { registry: input.registry, username: input.username, ...kept };
    }),
    logout: requests.production.logout.handler(({ input, signal }) => logOut(input.registry, places, signal)),
    compare: requests.production.compare.handler(({ input, signal }) =>
      of(input.workspace).compare(input, signal),
    ),
    lock: requests.production.lock.handler(({ input, signal }) => of(input.workspace).lock(signal)),
  };
}
