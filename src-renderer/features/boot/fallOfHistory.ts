import { describeTook } from '#contract/describe.ts';
import type { BootTimeline, ServiceTimeline } from '#contract/requests/boot.ts';
import { type Fall, type FallRow, phaseOf } from './phases.ts';

/** The waterfall of a boot that has ended. */
export function fallOfHistory(boot: BootTimeline): Fall {
  const decisive = new Set<string>(boot.criticalPath);
  return boot.services
    .toSorted((a, b) => begins(a) - begins(b))
    .map((service) => rowOf(service, { decisive: decisive.has(service.service), totalMs: boot.totalMs }));
}

/** When its own work began for good: the order in which a waterfall falls. */
function begins(service: ServiceTimeline): number {
  return service.spans.findLast((span) => span.phase === 'wait')?.toMs ?? 0;
}

function rowOf(
  service: ServiceTimeline,
  { decisive, totalMs }: { readonly decisive: boolean; readonly totalMs: number },
): FallRow {
  const bars = service.spans.map((span) => ({
    phase: phaseOf(span.phase),
    fromMs: span.fromMs,
    toMs: span.toMs,
  }));
  // A service can be created long before it may start: it holds up the others from its last wait on.
  const lastWait = bars.findLastIndex((bar) => bar.phase === 'wait');
  const work = bars.slice(lastWait + 1).filter((bar) => bar.phase !== 'ready');
  const fromMs = work[0]?.fromMs;
  const toMs = work.at(-1)?.toMs;
  const path = decisive && fromMs !== undefined && toMs !== undefined ? { fromMs, toMs } : undefined;
  // A line that came after the boot had ended is no part of the picture.
  const firstLogMs = (service.firstLogMs ?? 0) <= totalMs ? service.firstLogMs : undefined;
  return { service: service.service, bars, path, firstLogMs, note: noteOf(service) };
}

function noteOf(service: ServiceTimeline): string {
  if (service.note) return service.note;
  return service.readyMs === undefined ? '' : `ready after ${describeTook(service.readyMs)}`;
}
