import type { AppError } from '#contract/errors.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { Condition, ServiceStatus } from '#contract/model.ts';
import { unreachable } from '#contract/unreachable.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { type ServiceActivity, workingOn } from './serviceActivity.ts';

export interface StatusFacts {
  /** The service's replicas, without one-offs. */
  readonly replicas: readonly ObservedContainer[];
  readonly activity: ServiceActivity;
  readonly unmet: readonly { readonly service: ServiceName; readonly condition: Condition }[];
  /** What the last run that touched it could not do. */
  readonly failure?: { readonly error: AppError; readonly at: number } | undefined;
  /** One of what it waits for has failed: nobody is at work on it, and it goes on waiting. */
  readonly blocked?: boolean | undefined;
  /** Others wait for it to end. */
  readonly awaitedToEnd: boolean;
  /** It serves somebody: it publishes ports, has a healthcheck or restarts by itself. Such a thing does not end by itself. */
  readonly serves: boolean;
}

/** Exit codes of a process that ended because it was asked to: by SIGINT, SIGKILL after the grace, SIGTERM. */
const STOP_CODES = new Set([130, 137, 143]);

/** What the service is doing: what the run does with it first, else what its containers say. */
export function reduceStatus(facts: StatusFacts): ServiceStatus {
  if (facts.activity.type === 'working') return facts.activity;
  const runs = facts.replicas.some((replica) => replica.state === 'running');
  if (facts.activity.type === 'pending' && !runs) return pendingStatus(facts, facts.activity);
  const statuses = facts.replicas.map((replica) => replicaStatus(replica, facts));
  const worst = statuses.reduce<ServiceStatus | undefined>(
    (best, status) => (best === undefined || rank(status) > rank(best) ? status : best),
    undefined,
  );
  if (facts.failure !== undefined && failureStands(facts.failure, facts.replicas))
    return { ...facts.failure, type: 'failed' };
  if (facts.blocked && (worst === undefined || worst.type === 'created'))
    return { type: 'waiting', for: facts.unmet };
  return worst ?? { type: 'absent' };
}

/** A failure stands until something has run since: from then on the containers speak for themselves. */
function failureStands(
  { at, error }: NonNullable<StatusFacts['failure']>,
  replicas: readonly ObservedContainer[],
): boolean {
  // That it ended, or is unhealthy, its container says better.
  const saysContainer = error.kind.startsWith('dependency.');
  return replicas.every(({ state, startedAt }) => {
    if (state === 'created' || state === 'dead') return true;
    return state === 'exited' && !saysContainer && (startedAt ?? 0) < at;
  });
}

function pendingStatus(
  facts: StatusFacts,
  activity: Extract<ServiceActivity, { type: 'pending' }>,
): ServiceStatus {
  const starts = activity.next.kind !== 'stop' && activity.next.kind !== 'remove';
  if (starts && facts.unmet.length > 0) return { type: 'waiting', for: facts.unmet };
  return workingOn(activity.blockedBy ?? activity.next);
}

/** Several replicas, one word: the one that needs attention most speaks for all. */
function rank(status: ServiceStatus): number {
  return ORDER.indexOf(status.type);
}

const ORDER: readonly ServiceStatus['type'][] = [
  'absent',
  'created',
  'done',
  'stopped',
  'paused',
  'running',
  'waiting',
  'working',
  'starting',
  'unhealthy',
  'restarting',
  'exited',
  'failed',
];

function replicaStatus(replica: ObservedContainer, facts: StatusFacts): ServiceStatus {
  switch (replica.state) {
    case 'running':
      return runningStatus(replica);
    case 'paused':
      return { type: 'paused', since: replica.startedAt ?? replica.createdAt };
    case 'restarting':
      return {
        type: 'restarting',
        times: replica.restartCount,
        exitCode: replica.exitCode,
        at: replica.finishedAt ?? replica.createdAt,
      };
    case 'created':
      return createdStatus(replica);
    case 'removing':
    case 'exited':
    case 'dead':
      return endedStatus(replica, facts);
    default:
      return unreachable(replica.state);
  }
}

function runningStatus(replica: ObservedContainer): ServiceStatus {
  const since = replica.startedAt ?? replica.createdAt;
  const { health, lastHealth, healthSince } = replica;
  if (health === 'starting') return { type: 'starting', since, lastHealth };
  if (health === 'unhealthy') return { type: 'unhealthy', since: healthSince ?? since, lastHealth };
  return {
    type: 'running',
    since,
    health,
    lastHealth,
    healthySince: health === 'healthy' ? healthSince : undefined,
  };
}

/** Never started; the engine keeps the reason when it tried and could not. */
function createdStatus(replica: ObservedContainer): ServiceStatus {
  if (replica.error === undefined) return { type: 'created', at: replica.createdAt };
  return { type: 'failed', at: replica.createdAt, error: replica.error };
}

function endedStatus(replica: ObservedContainer, facts: StatusFacts): ServiceStatus {
  const at = replica.finishedAt ?? replica.createdAt;
  const { exitCode, oomKilled } = replica;
  const done = exitCode === 0 && (replica.endedItself ?? (facts.awaitedToEnd || !facts.serves));
  if (done) return { type: 'done', at, tookMs: Math.max(0, at - (replica.startedAt ?? at)) };
  // Where nobody watched, a code that a stop leaves behind is taken for one.
  const stopLike = !oomKilled && (exitCode === 0 || STOP_CODES.has(exitCode));
  const stopped = replica.endedItself === undefined ? stopLike : !replica.endedItself;
  if (stopped) return { type: 'stopped', at, exitCode };
  return { type: 'exited', at, exitCode, oomKilled, restarts: replica.restartCount };
}
