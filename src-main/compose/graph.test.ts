import { describe, expect, it } from 'vitest';
import { closure, dependentsClosure, findCycle, isEnabled, levels, profilesWith } from './graph.ts';
import type { Dependency } from './project.ts';

function services(edges: Readonly<Record<string, readonly string[]>>) {
  const dependency: Dependency = { condition: 'service_started', required: true };
  return Object.fromEntries(
    Object.entries(edges).map(([name, targets]) => [
      name,
      { depends_on: Object.fromEntries(targets.map((target) => [target, dependency])) },
    ]),
  );
}

const SHOP = services({
  web: ['api'],
  api: ['db', 'cache'],
  worker: ['db'],
  db: [],
  cache: [],
  gone: ['missing'],
});

describe('the dependency graph', () => {
  it('orders services so that each level waits only for earlier ones', () => {
    expect(levels(SHOP)).toEqual([['cache', 'db', 'gone'], ['api', 'worker'], ['web']]);
  });

  it('finds what a selection needs, and what needs it', () => {
    expect(closure(SHOP, ['web'])).toEqual(['api', 'cache', 'db', 'web']);
    expect(dependentsClosure(SHOP, ['db'])).toEqual(['api', 'db', 'web', 'worker']);
  });

  it('shows a circle from its first service back to it', () => {
    expect(findCycle(services({ a: ['b'], b: ['c'], c: ['b'] }))).toEqual(['b', 'c', 'b']);
    expect(findCycle(SHOP)).toBeUndefined();
  });

  it('survives a chain longer than the call stack', () => {
    const length = 20_000;
    const chain = Object.fromEntries(
      Array.from({ length }, (_, index) => [`s${index}`, index + 1 < length ? [`s${index + 1}`] : ['s0']]),
    );
    expect(findCycle(services(chain))).toHaveLength(length + 1);
  });
});

describe('profiles', () => {
  const debug = { profiles: ['debug', 'dev'] };

  it('leave out the services that name one and none of it is active', () => {
    expect(isEnabled({}, [])).toBe(true);
    expect(isEnabled(debug, [])).toBe(false);
    expect(isEnabled(debug, ['dev'])).toBe(true);
    expect(isEnabled(debug, ['*'])).toBe(true);
  });

  it('are switched on by naming a service of theirs', () => {
    expect(profilesWith({ web: {}, debug }, ['debug'], ['x'])).toEqual(['x', 'debug', 'dev']);
    expect(profilesWith({ web: {}, debug }, ['web'], ['x'])).toEqual(['x']);
  });
});
