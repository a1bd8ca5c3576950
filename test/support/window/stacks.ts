import type { ContainerId, ImageId, RunId, ServiceName, WorkspaceId } from '#contract/ids.ts';
import type {
  EngineRecord,
  GatewayRecord,
  ServiceRecord,
  ServiceStatus,
  SettingsRecord,
  StateRecord,
  WorkspaceRecord,
} from '#contract/model.ts';
import type { RunRecord, StepRecord } from '#contract/runModel.ts';

/** What the window is shown in pictures and measured with. Times are relative to `now`, so that words stay the same. */
export const WORKSPACE = 'shop' as WorkspaceId;
export const RUN = 'run-1' as RunId;

const MINUTE = 60_000;

const name = (text: string) => text as ServiceName;

export function engine(): EngineRecord {
  return {
    type: 'engine',
    status: {
      type: 'connected',
      product: 'Docker Engine',
      version: '28.5.2',
      apiVersion: '1.51',
      endpoint: 'unix:///var/run/docker.sock',
      operatingSystem: 'linux',
      platform: 'linux/amd64',
      cpus: 8,
      memoryBytes: 32e9,
      containers: 9,
      since: 0,
    },
  };
}

export function engineAway(now: number): EngineRecord {
  return {
    type: 'engine',
    status: {
      type: 'unreachable',
      since: now,
      tried: ['unix:///var/run/docker.sock'],
      error: {
        kind: 'engine.unreachable',
        endpoint: 'unix:///var/run/docker.sock',
        reason: 'lost',
        message: 'The Docker engine is gone.',
        hint: 'Slipway goes on by itself when it comes back.',
      },
    },
  };
}

export function settings(theme: SettingsRecord['theme'], now: number): SettingsRecord {
  return {
    type: 'settings',
    gateway: { on: false, port: 7080 },
    theme,
    home: '/home/ada',
    version: '0.1.0',
    recents: [
      { folder: '/home/ada/shop', name: 'shop', openedAt: now },
      { folder: '/home/ada/work/billing', name: 'billing', openedAt: now - 3 * 86_400_000 },
      { folder: '/home/ada/oss/wiki', name: 'wiki', openedAt: now - 12 * 86_400_000 },
    ],
  };
}

export function gatewayOn(): GatewayRecord {
  return { type: 'gateway', status: { type: 'listening', port: 7080 } };
}

export function workspace(names: readonly string[], more: Partial<WorkspaceRecord> = {}): WorkspaceRecord {
  return {
    type: 'workspace',
    id: WORKSPACE,
    folder: '/home/ada/shop',
    name: 'shop',
    composeFiles: ['/home/ada/shop/compose.yaml'],
    branch: 'checkout-retry',
    project: { type: 'loaded', warnings: [] },
    services: names.map(name),
    profiles: [],
    orphans: [],
    lastBoot: { run: RUN, totalMs: 4100, outcome: 'done' },
    usualBootMs: 3900,
    live: true,
    ...more,
  };
}

interface Sketch extends Partial<Omit<ServiceRecord, 'name' | 'ports' | 'dependsOn'>> {
  readonly on?: readonly string[];
  readonly port?: number;
  readonly http?: boolean;
}

/** A service with one container that does what its status says. */
export function service(text: string, sketch: Sketch): ServiceRecord {
  const { on = [], port, http, ...more } = sketch;
  const status: ServiceStatus = sketch.status ?? { type: 'absent' };
  const wantedReplicas = more.wantedReplicas ?? 1;
  const up = ['running', 'starting', 'unhealthy'].includes(status.type);
  const ended = ['done', 'exited', 'stopped', 'failed'].includes(status.type);
  return {
    type: 'service',
    workspace: WORKSPACE,
    name: name(text),
    image: `shop-${text}`,
    built: more.middleware === undefined,
    disabled: false,
    oneShot: false,
    status,
    wantedReplicas,
    replicas: up || ended ? replicas(text, wantedReplicas, up) : [],
    ports:
      port === undefined
        ? []
        : [
            {
              host: '127.0.0.1',
              published: port,
              target: port,
              protocol: 'tcp',
              url: http ? `http://localhost:${port}` : undefined,
            },
          ],
    dependsOn: on.map((entry) => ({ service: name(entry), condition: 'service_healthy', required: true })),
    ...more,
  };
}

function replicas(text: string, count: number, up: boolean): ServiceRecord['replicas'] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${text}${index}` as ContainerId,
    number: index + 1,
    name: `shop-${text}-${index + 1}`,
    state: up ? ('running' as const) : ('exited' as const),
    health: 'healthy' as const,
    exitCode: 0,
    oomKilled: false,
    restartCount: 0,
    image: text,
    imageId: 'sha256:1' as ImageId,
  }));
}

function product(title: string, version: string): Pick<ServiceRecord, 'middleware' | 'image'> {
  return { image: `${title}:${version}`, middleware: { product: title, title, version } };
}

const running = (now: number, minutes: number): ServiceStatus => ({
  type: 'running',
  since: now - minutes * MINUTE,
  health: 'none',
});
const healthy = (now: number, minutes: number): ServiceStatus => ({
  type: 'running',
  since: now - minutes * MINUTE,
  health: 'healthy',
  healthySince: now - minutes * MINUTE,
});

export function shop(now: number): ServiceRecord[] {
  return [
    service('gateway', {
      ...product('nginx', '1.26'),
      status: healthy(now, 12),
      port: 8080,
      http: true,
      on: ['storefront'],
    }),
    service('storefront', {
      status: running(now, 12),
      port: 3000,
      http: true,
      on: ['api'],
      webPort: 3000,
      memory: { limitBytes: 256 * 1024 ** 2, oomKills: 0 },
      watching: { lastAction: 'synced 3 paths', at: now - 4000 },
    }),
    service('api', {
      status: healthy(now, 8),
      port: 8000,
      http: true,
      webPort: 8000,
      memory: { limitBytes: 64 * 1024 ** 2, oomKills: 2 },
      on: ['migrate', 'redis'],
      swap: {
        image: 'acme/api@sha256:9c1f00aa00bb00cc',
        since: now - 8 * MINUTE,
        until: now + 112 * MINUTE,
      },
    }),
    service('worker', { status: running(now, 12), wantedReplicas: 2, on: ['rabbitmq', 'postgres'] }),
    service('postgres', { ...product('postgres', '15'), status: healthy(now, 12), port: 5432 }),
    service('redis', { ...product('redis', '7.0'), status: healthy(now, 12), port: 6379 }),
    service('rabbitmq', {
      ...product('rabbitmq', '3.10'),
      status: healthy(now, 12),
      port: 15672,
      http: true,
    }),
    service('migrate', {
      status: { type: 'done', at: now - 12 * MINUTE, tookMs: 1200 },
      oneShot: true,
      on: ['postgres'],
    }),
  ];
}

export function failedShop(now: number): ServiceRecord[] {
  const changed: Record<string, Partial<ServiceRecord>> = {
    gateway: {
      status: { type: 'waiting', for: [{ service: name('storefront'), condition: 'service_healthy' }] },
      replicas: [],
      ports: [],
    },
    storefront: {
      status: { type: 'waiting', for: [{ service: name('api'), condition: 'service_started' }] },
      replicas: [],
      ports: [],
    },
    api: {
      status: { type: 'exited', at: now - 6000, exitCode: 1, oomKilled: false, restarts: 3 },
      replicas: replicas('api', 1, false),
      ports: [],
      swap: undefined,
      failure: {
        rule: 'password',
        title: 'Its password is not the one this database was created with',
        explanation:
          'The volume shop_pgdata was initialised 9 days ago; POSTGRES_PASSWORD in .env changed since. Postgres reads it only on first start.',
        lines: [
          'asyncpg.exceptions.InvalidPasswordError: password authentication failed for user "shop"',
          '  at connect (/app/db.py:31)',
        ],
        exitCode: 1,
        oomKilled: false,
        dependents: [name('storefront'), name('gateway')],
        fixes: [
          { id: 'set', label: "Set the role's password to the new one", emphasis: 'primary' },
          { id: 'old', label: 'Use the old value', emphasis: 'normal' },
          {
            id: 'fresh',
            label: 'Fresh database…',
            emphasis: 'normal',
            loses: 'The data in shop_pgdata, 214 MB. A checkpoint of it is kept.',
          },
          { id: 'logs.open', label: 'Show the log', emphasis: 'quiet' },
        ],
        at: now - 6000,
      },
    },
  };
  return shop(now).map((entry) => ({ ...entry, ...changed[entry.name] }));
}

/** A boot of everything, some of it done. */
export function bootingShop(now: number): { services: ServiceRecord[]; run: RunRecord; steps: StepRecord[] } {
  const wait = (on: string): ServiceStatus => ({
    type: 'waiting',
    for: [{ service: name(on), condition: 'service_healthy' }],
  });
  const statuses: Record<string, ServiceStatus> = {
    gateway: wait('storefront'),
    storefront: {
      type: 'working',
      on: 'pull',
      since: now - 2000,
      progress: { current: 12_400_000, total: 41_000_000, unit: 'bytes', rate: 8e6 },
    },
    api: wait('postgres'),
    worker: wait('postgres'),
    migrate: wait('postgres'),
    postgres: { type: 'starting', since: now - 1700 },
    redis: healthy(now, 0),
    rabbitmq: { type: 'working', on: 'build', since: now - 2000 },
  };
  const services = shop(now).map((entry) => ({
    ...entry,
    swap: undefined,
    status: statuses[entry.name] ?? entry.status,
    replicas: ['postgres', 'redis'].includes(entry.name) ? entry.replicas : [],
  }));
  const steps = bootSteps(now);
  const run: RunRecord = {
    type: 'run',
    workspace: WORKSPACE,
    id: RUN,
    kind: 'boot',
    title: 'Boot',
    services: services.map((entry) => entry.name),
    status: { type: 'running' },
    startedAt: now - 2600,
    steps: steps.length,
    stepsDone: steps.filter((step) => step.status === 'done').length,
    estimateMs: 4200,
    pull: { current: 12_400_000, total: 41_000_000, unit: 'bytes', rate: 8e6 },
  };
  return { services, run, steps };
}

function bootSteps(now: number): StepRecord[] {
  const begin = now - 2600;
  const step = (
    index: number,
    kind: StepRecord['kind'],
    who: string,
    [from, to]: readonly [number | undefined, number | undefined],
  ): StepRecord => ({
    type: 'step',
    workspace: WORKSPACE,
    run: RUN,
    index,
    kind,
    service: name(who),
    label: `${kind} ${who}`,
    cause: 'no existing container',
    after: [],
    status: from === undefined ? 'waiting' : to === undefined ? 'running' : 'done',
    startedAt: from === undefined ? undefined : begin + from,
    finishedAt: to === undefined ? undefined : begin + to,
  });
  return [
    step(0, 'create', 'postgres', [0, 180]),
    step(1, 'start', 'postgres', [180, 300]),
    step(2, 'await', 'postgres', [300, undefined]),
    step(3, 'create', 'redis', [0, 150]),
    step(4, 'start', 'redis', [150, 260]),
    step(5, 'await', 'redis', [260, 400]),
    step(6, 'build', 'rabbitmq', [0, undefined]),
    step(7, 'pull', 'storefront', [20, undefined]),
    step(8, 'create', 'migrate', [undefined, undefined]),
    step(9, 'create', 'api', [undefined, undefined]),
    step(10, 'create', 'worker', [undefined, undefined]),
    step(11, 'create', 'gateway', [undefined, undefined]),
  ];
}

/** As many services as asked for, in every state. */
/** Hundreds of services in the middle of a boot. */
export function bootingCrowd(
  now: number,
  count: number,
): { services: ServiceRecord[]; run: RunRecord; steps: StepRecord[] } {
  const services = crowd(now, count);
  const shopRun = bootingShop(now).run;
  const steps = services.flatMap((entry, at): StepRecord[] => {
    const common = { type: 'step' as const, workspace: WORKSPACE, run: RUN, service: entry.name, cause: '' };
    const from = shopRun.startedAt + ((now - shopRun.startedAt) * at) / count / 2;
    const create = { ...common, index: 2 * at + 1, kind: 'create' as const, label: 'create', after: [] };
    const start = {
      ...common,
      index: 2 * at + 2,
      kind: 'start' as const,
      label: 'start',
      after: [2 * at + 1],
    };
    const done = at % 3 > 0;
    return [
      { ...create, status: 'done', startedAt: from, finishedAt: from + 300 },
      {
        ...start,
        status: done ? 'done' : 'running',
        startedAt: from + 400,
        finishedAt: done ? from + 900 : undefined,
      },
    ];
  });
  const stepsDone = steps.filter(({ status }) => status === 'done').length;
  return { services, steps, run: { ...shopRun, steps: steps.length, stepsDone } };
}

export function crowd(now: number, count: number): ServiceRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const text = `${['orders', 'billing', 'search', 'mail', 'media'][index % 5]}-${String(index + 1).padStart(3, '0')}`;
    if (index % 17 === 3) return service(text, { status: { type: 'stopped', at: now - 5000, exitCode: 0 } });
    if (index % 13 === 5) {
      const waits = { service: name('orders-001'), condition: 'service_healthy' as const };
      return service(text, { status: { type: 'waiting', for: [waits] } });
    }
    const look = index % 4 === 0 ? product('redis', '7.0') : {};
    return service(text, { ...look, status: healthy(now, (index % 50) + 1), port: 9000 + index });
  });
}

export function invalidProject(): StateRecord {
  return workspace([], {
    lastBoot: undefined,
    project: {
      type: 'invalid',
      errors: [
        {
          kind: 'compose.invalid',
          message: 'The service "api" depends on "postgre", which does not exist.',
          at: { file: '/home/ada/shop/compose.yaml', line: 24, column: 9 },
          path: 'services.api.depends_on',
          expected: 'the name of a service: gateway, storefront, api, worker, postgres, redis, rabbitmq',
          suggestion: 'postgres',
        },
      ],
    },
  });
}
