import type { RunId, ServiceName } from '#contract/ids.ts';
import type { DoctorFinding } from '#contract/requests/app.ts';
import type { BootTimeline, PullPlan, ServiceTimeline } from '#contract/requests/boot.ts';
import { RUN } from './stacks.ts';

type Span = ServiceTimeline['spans'][number];
const TOTAL = 4100;

function line(name: string, note: string, ...parts: readonly (readonly [Span['phase'], number, number])[]) {
  const spans = parts.map(([phase, from, to]) => ({
    phase,
    fromMs: (from / 100) * TOTAL,
    toMs: (to / 100) * TOTAL,
  }));
  const ready = spans.find((span) => span.phase === 'ready');
  const started = spans.find((span) => span.phase === 'create')?.toMs;
  const firstLogMs = started === undefined ? undefined : started + TOTAL / 50;
  return {
    service: name as ServiceName,
    spans,
    note: note || undefined,
    readyMs: ready?.fromMs,
    firstLogMs,
  };
}

/** The boot of the shop, and eleven before it. */
export function bootHistory(): readonly BootTimeline[] {
  const first: BootTimeline = {
    run: RUN,
    startedAt: 0,
    totalMs: TOTAL,
    outcome: 'done',
    withoutEagerMs: 64_000,
    warnings: [
      'worker: started without cache, which is not enabled',
      'volume shop_pgdata belongs to nobody; it is used as it is',
    ],
    criticalPath: ['postgres', 'migrate', 'api', 'storefront', 'gateway'] as ServiceName[],
    services: [
      line(
        'postgres',
        'own check passed after 1.7 s, not 30',
        ['create', 0, 6],
        ['check', 6, 42],
        ['ready', 42, 100],
      ),
      line('redis', '', ['create', 0, 5], ['check', 5, 9], ['ready', 9, 100]),
      line('rabbitmq', '', ['create', 0, 6], ['check', 6, 53], ['ready', 53, 100]),
      line('migrate', 'exited 0 · 2 migrations', ['wait', 0, 42], ['create', 42, 47], ['run', 47, 63]),
      line(
        'api',
        '0.3 s slower since “add tracing”',
        ['wait', 0, 63],
        ['create', 63, 68],
        ['check', 68, 82],
        ['ready', 82, 100],
      ),
      line('worker', '2 replicas', ['wait', 0, 63], ['create', 63, 68], ['ready', 68, 100]),
      line(
        'storefront',
        'first response 0.4 s',
        ['wait', 0, 82],
        ['create', 82, 86],
        ['check', 86, 95],
        ['ready', 95, 100],
      ),
      line('gateway', '', ['wait', 0, 95], ['create', 95, 99], ['ready', 99, 100]),
    ],
  };
  const totals = [3900, 3800, 4000, 3900, 7200, 3900, 3800, 3700, 3900, 4000, 3900];
  return [
    first,
    ...totals.map((totalMs, index) => ({ ...first, run: `earlier-${index}` as RunId, totalMs })),
  ];
}

export function pullPlan(): PullPlan {
  return {
    images: [
      { image: 'postgres:15', services: ['postgres'] as ServiceName[], present: false, missingBytes: 148e6 },
      { image: 'nginx:1.26', services: ['gateway'] as ServiceName[], present: false, missingBytes: 61e6 },
      { image: 'redis:7.0', services: ['redis'] as ServiceName[], present: true },
    ],
    totalBytes: 190e6,
    layers: 23,
    freeBytes: 48e9,
  };
}

export function doctorFindings(): readonly DoctorFinding[] {
  return [
    { id: 'engine', area: 'engine', severity: 'ok', title: 'Docker Engine 28.5 answers', detail: 'API 1.51' },
    {
      id: 'disk',
      area: 'disk',
      severity: 'warning',
      title: 'Little room is left',
      detail: '3.1 GB free',
      fix: 'Remove unused images: docker image prune',
    },
    {
      id: 'ports',
      area: 'ports',
      severity: 'error',
      title: 'Port 8080 is in use',
      detail: 'by python3, pid 4121',
    },
    {
      id: 'project',
      area: 'project',
      severity: 'note',
      title: 'The field "version" is obsolete',
      detail: 'compose.yaml:1',
    },
  ];
}
