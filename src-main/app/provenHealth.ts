import type { HealthOutput } from '#contract/errors.ts';
import type { ObservedContainer } from '#plan/observed.ts';

/** What a run has seen of healthchecks that it ran itself, ahead of the engine. */
export interface OwnChecks {
  /** By service: when its check passed. */
  readonly proven: ReadonlyMap<string, number>;
  /** By container: how its last check went. */
  readonly last: ReadonlyMap<string, HealthOutput>;
}

/**
 * Containers as they are known to be: one whose own healthcheck has passed when a boot ran it ahead of the engine is healthy,
 * even while the engine has still to run its first, and what the check said last is what our run or the engine's said last.
 */
export function withOwnChecks(
  containers: readonly ObservedContainer[],
  { proven, last }: OwnChecks,
): readonly ObservedContainer[] {
  if (proven.size === 0 && last.size === 0) return containers;
  return containers.map((container) => withHealth(withLast(container, last.get(container.id)), proven));
}

function withLast(container: ObservedContainer, own: HealthOutput | undefined): ObservedContainer {
  const since = container.startedAt;
  if (own === undefined || since === undefined || own.at < since) return container;
  return own.at > (container.lastHealth?.at ?? 0) ? { ...container, lastHealth: own } : container;
}

function withHealth(container: ObservedContainer, proven: OwnChecks['proven']): ObservedContainer {
  const at = proven.get(container.service);
  const since = container.startedAt;
  if (at === undefined || since === undefined || at < since || container.health !== 'starting')
    return container;
  return { ...container, health: 'healthy', healthSince: at };
}
