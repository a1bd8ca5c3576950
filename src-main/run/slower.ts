import type { BootTimeline, ServiceTimeline } from '#contract/requests/boot.ts';
import { ownMs, usualServiceMs } from './history.ts';

/** A service got slower when it takes this much longer than usual, and by at least so many milliseconds. */
const SLOWER_FACTOR = 1.5;
const SLOWER_BY_MS = 300;

/**
 * The boot with a word at every service that took much longer than it usually does, and with what has changed since it was
 * last as fast as usual: its image, its definition or the branch. `before`: the boots before it, newest first.
 */
export function withSlowerNotes(boot: BootTimeline, before: readonly BootTimeline[]): BootTimeline {
  if (boot.outcome !== 'done') return boot;
  const services = boot.services.map((service) => noted(service, boot, before));
  return { ...boot, services };
}

function noted(
  service: ServiceTimeline,
  boot: BootTimeline,
  before: readonly BootTimeline[],
): ServiceTimeline {
  const usualMs = usualServiceMs(before, service.service);
  const tookMs = ownMs(service);
  if (usualMs === undefined || !isSlower(tookMs, usualMs)) return service;
  const byMs = Math.round(tookMs - usualMs);
  const since = whatChanged(service, boot, lastFast(service, before, usualMs));
  const words = `${(byMs / 1000).toFixed(1)} s slower ${since === undefined ? 'than usual' : `since ${since}`}`;
  // What is new comes first: the rest is cut off where there is no room.
  const note = service.note === undefined ? words : `${words}; ${service.note}`;
  return { ...service, note, slower: { byMs, usualMs, ...(since === undefined ? {} : { since }) } };
}

function isSlower(tookMs: number, usualMs: number): boolean {
  return tookMs >= usualMs * SLOWER_FACTOR && tookMs - usualMs >= SLOWER_BY_MS;
}

interface Seen {
  readonly service: ServiceTimeline;
  readonly boot: BootTimeline;
}

/** The newest boot in which the service was as fast as it usually is. */
function lastFast(
  { service: name }: ServiceTimeline,
  before: readonly BootTimeline[],
  usualMs: number,
): Seen | undefined {
  for (const boot of before) {
    const service = boot.services.find((entry) => entry.service === name);
    const started = service?.spans.some(({ phase }) => phase === 'start');
    if (boot.outcome === 'done' && service && started && !isSlower(ownMs(service), usualMs))
      return { service, boot };
  }
  return undefined;
}

function whatChanged(
  service: ServiceTimeline,
  boot: BootTimeline,
  fast: Seen | undefined,
): string | undefined {
  const [now, then] = [service.ran, fast?.service.ran];
  if (now !== undefined && then !== undefined) {
    if (now.imageId !== then.imageId) return 'its image changed';
    if (now.configHash !== then.configHash) return 'its definition changed';
  }
  if (fast === undefined || boot.branch === fast.boot.branch) return undefined;
  return `the branch changed from ${fast.boot.branch ?? 'none'} to ${boot.branch ?? 'none'}`;
}
