import type { HealthOutput } from '#contract/errors.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { HealthProof } from './healthProofs.ts';

/** What a run has seen of healthchecks that it ran itself, ahead of the engine. */
export interface OwnChecks {
  /** Counts the changes of what stands here. */
  readonly version: number;
  /** By service: when its check passed. */
  readonly proven: ReadonlyMap<string, number>;
  /** By container: how its last check went. */
  readonly last: ReadonlyMap<string, HealthOutput>;
}

/**
 * Containers as they are known to be: one whose own healthcheck has passed when somebody ran it ahead of the engine is healthy,
 * even while the engine has still to run its first, and what the check said last is what our run or the engine's said last.
 * `kept`: what this or another process knew before.
 */
export function withOwnChecks(
  containers: readonly ObservedContainer[],
  checks: OwnChecks,
  kept: ReadonlyMap<string, HealthProof>,
): readonly ObservedContainer[] {
  const { proven, last } = checks;
  if (proven.size === 0 && last.size === 0 && kept.size === 0) return containers;
  return containers.map((container) =>
    withHealth(withLast(container, last.get(container.id)), firstPass(container, checks, kept)),
  );
}

function withLast(container: ObservedContainer, own: HealthOutput | undefined): ObservedContainer {
  const since = container.startedAt;
  if (own === undefined || since === undefined || own.at < since) return container;
  return own.at > (container.lastHealth?.at ?? 0) ? { ...container, lastHealth: own } : container;
}

/** When this start of it was known to be healthy first. */
function firstPass(
  { id, service, startedAt }: ObservedContainer,
  { proven }: OwnChecks,
  kept: ReadonlyMap<string, HealthProof>,
): number | undefined {
  if (startedAt === undefined) return undefined;
  const own = proven.get(service);
  const before = kept.get(id);
  const times = [
    ...(own !== undefined && own >= startedAt ? [own] : []),
    ...(before?.startedAt === startedAt ? [before.at] : []),
  ];
  // What was learned after a failure says more than what was proven before it.
  if (before?.startedAt === startedAt && before.afterFailure) return before.at;
  return times.length === 0 ? undefined : Math.min(...times);
}

function withHealth(container: ObservedContainer, at: number | undefined): ObservedContainer {
  const { health, healthSince, lastFailedCheck = 0 } = container;
  if (at === undefined || container.state !== 'running') return container;
  // The engine has still to run its own check for the first time, or often enough.
  if (health === 'starting') return { ...container, health: 'healthy', healthSince: at };
  // Its own first pass comes an interval later, and it has been healthy all the while unless a check failed since.
  if (health !== 'healthy' || lastFailedCheck > at || (healthSince ?? Number.POSITIVE_INFINITY) <= at)
    return container;
  return { ...container, healthSince: at };
}
