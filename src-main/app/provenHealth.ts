import type { ObservedContainer } from '#plan/observed.ts';

/**
 * Containers as they are known to be: one whose own healthcheck has passed when a boot ran it ahead of the engine is healthy,
 * even while the engine has still to run its first. What the engine says later counts again.
 */
export function withProvenHealth(
  containers: readonly ObservedContainer[],
  proven: ReadonlyMap<string, number>,
): readonly ObservedContainer[] {
  if (proven.size === 0) return containers;
  return containers.map((container) => {
    const at = proven.get(container.service);
    const since = container.startedAt;
    if (at === undefined || since === undefined || at < since || container.health !== 'starting')
      return container;
    return { ...container, health: 'healthy', healthSince: at };
  });
}
