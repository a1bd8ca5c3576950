import type { StateRecord } from '#contract/model.ts';
import { causesShop } from './causes.ts';
import {
  bootingCrowd,
  bootingShop,
  crowd,
  engine,
  engineAway,
  failedShop,
  gatewayOn,
  invalidProject,
  RUN,
  settings,
  shop,
  workspace,
} from './stacks.ts';

export type SceneName =
  | 'healthy'
  | 'failed'
  | 'causes'
  | 'crowd-booting'
  | 'booting'
  | 'stopped'
  | 'crowd'
  | 'away'
  | 'invalid'
  | 'empty'
  | 'loading'
  | 'welcome';

/** What the core would tell in this situation; `undefined` while it has told nothing yet. */
export function scene(name: SceneName, now: number): readonly StateRecord[] | undefined {
  const base = [engine(), settings('system', now)];
  const names = shop(now).map((entry) => entry.name);
  switch (name) {
    case 'healthy':
      return [...base, gatewayOn(), workspace(names), ...shop(now)];
    case 'failed':
      return [
        ...base,
        workspace(names, { lastBoot: { run: RUN, totalMs: 9000, outcome: 'failed' } }),
        ...failedShop(now),
      ];
    case 'causes':
      return [
        ...base,
        workspace(names, { lastBoot: { run: RUN, totalMs: 9000, outcome: 'failed' } }),
        ...causesShop(now),
      ];
    case 'crowd-booting': {
      const { services, run, steps } = bootingCrowd(now, 200);
      const all = services.map((entry) => entry.name);
      return [...base, workspace(all, { activeRun: RUN }), ...services, run, ...steps];
    }
    case 'booting': {
      const { services, run, steps } = bootingShop(now);
      return [...base, workspace(names, { activeRun: RUN }), ...services, run, ...steps];
    }
    case 'stopped':
      return [
        ...base,
        workspace(names, { lastBoot: undefined }),
        ...shop(now).map((entry) => ({
          ...entry,
          swap: undefined,
          replicas: [],
          status: { type: 'absent' } as const,
        })),
      ];
    case 'crowd': {
      const services = crowd(now, 200);
      return [...base, workspace(services.map((entry) => entry.name)), ...services];
    }
    case 'away':
      return [engineAway(now), settings('system', now), workspace(names, { live: false }), ...shop(now)];
    case 'invalid':
      return [...base, invalidProject()];
    case 'empty':
      return [
        ...base,
        workspace([], {
          lastBoot: undefined,
          project: {
            type: 'invalid',
            errors: [{ kind: 'compose.notFound', folder: '/home/ada/shop', message: 'No compose file.' }],
          },
        }),
      ];
    case 'loading':
      return undefined;
    case 'welcome':
      return base;
  }
}
