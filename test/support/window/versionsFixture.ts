import type { SwitchPlanView, VersionMenu } from '#contract/requests/versions.ts';

const HOUR_MS = 3_600_000;

/** Postgres has been to 17 and back, and its last switch was taken back; the others are as they came. */
export function versionMenu(service: string): VersionMenu {
  const product = service === 'redis' ? 'redis' : 'postgres';
  // Before any moment that pictures are taken at.
  const now = Date.UTC(2026, 10, 20, 12);
  const offers = ['18', '17', '16', '15', '13'].map((tag) => ({
    tag,
    inUse: tag === '15',
    onMachine: tag !== '16',
    production: tag === '16',
    ...(tag === '17' && { lane: { source: 'shop_pgdata--17', usedAt: now - 2 * HOUR_MS, bytes: 512e6 } }),
    ...(tag === '13' && { endOfLife: '2025-11-13' }),
  }));
  return {
    service,
    product,
    title: 'Postgres',
    image: `${product}:15`,
    current: '15',
    offers,
    allTags: offers.map(({ tag }) => tag),
    dataBytes: 481e6,
    keepsData: true,
    ...(service === 'postgres' && {
      failed: {
        to: '18',
        at: now - HOUR_MS / 4,
        message: 'The carried data differs in 2 places (only before: shop: table public.orders 1204 rows).',
        details: [
          'only before: shop: table public.orders 1204 rows 77182634410029',
          'only after: shop: table public.orders 1203 rows 61029384756123',
        ],
        image: 'postgres:15',
        source: 'shop_pgdata',
      },
    }),
  };
}

export function switchPlan(to: string): SwitchPlanView {
  return {
    fromImage: 'postgres:15',
    toImage: `postgres:${to}`,
    data: 'resume',
    choices: [
      {
        data: 'resume',
        title: `Return to the data of ${to}`,
        explanation: `As ${to} was left. What 15 has written since stays with 15.`,
        ms: 1200,
      },
      {
        data: 'carry',
        title: 'Carry the data over',
        explanation: 'Dumped database by database, restored into a new volume, compared table by table.',
        ms: 21_000,
      },
      { data: 'fresh', title: 'Start fresh', explanation: `An empty volume for ${to}.` },
    ],
    steps: [
      { label: `have postgres:${to} on this machine`, cause: 'it is there' },
      { label: 'stop postgres', cause: 'it is replaced' },
      { label: `start postgres on postgres:${to} with the data it was left with`, cause: '' },
    ],
    notes: [],
    undo: 'Back to 15 any time, in one click.',
  };
}
