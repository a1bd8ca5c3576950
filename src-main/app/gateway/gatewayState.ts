import { describeStatus } from '#contract/describe.ts';
import type { FailureCard, ServiceRecord } from '#contract/model.ts';
import { unreachable } from '#contract/unreachable.ts';
import type { ObservedContainer } from '#plan/observed.ts';

/** What a request to a service meets. */
export type GatewayState =
  | { readonly type: 'ready'; readonly replicas: readonly ObservedContainer[] }
  /** It is on its way: the page asks again by itself. */
  | { readonly type: 'waiting'; readonly words: string }
  | { readonly type: 'down'; readonly words: string; readonly card?: FailureCard | undefined };

/** Only replicas that are ready count; why there is none is said in the words of the window. */
export function gatewayState(
  service: ServiceRecord,
  replicas: readonly ObservedContainer[],
  now: number,
): GatewayState {
  const ready = replicas.filter(isReady);
  if (ready.length > 0) return { type: 'ready', replicas: ready };
  const words = describeStatus(service.status, now);
  if (isOnItsWay(service.status)) return { type: 'waiting', words };
  return { type: 'down', words, card: service.failure };
}

function isReady({ state, health }: ObservedContainer): boolean {
  return state === 'running' && (health === 'none' || health === 'healthy');
}

function isOnItsWay(status: ServiceRecord['status']): boolean {
  switch (status.type) {
    case 'waiting':
    case 'working':
    case 'starting':
    case 'running':
    case 'created':
      return true;
    case 'absent':
    case 'unhealthy':
    case 'restarting':
    case 'paused':
    case 'done':
    case 'stopped':
    case 'exited':
    case 'failed':
      return false;
    default:
      return unreachable(status);
  }
}
