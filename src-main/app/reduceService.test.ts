import { describe, expect, it } from 'vitest';
import type { Project, Service } from '#compose/project.ts';
import { describeStatus } from '#contract/describe.ts';
import type { ContainerId, ImageId, RunId, ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { Plan, Step } from '#plan/plan.ts';
import type { RunEvent } from '#run/events.ts';
import type { ProjectFacts } from './reduceService.ts';
import { RunTracker } from './runTracker.ts';
import { ServiceReducer } from './serviceReducer.ts';

const workspace = 'w' as WorkspaceId;
const NOW = 100_000;

function service(parts: Partial<Service> = {}): Service {
  return { command: null, entrypoint: null, image: 'x', ...parts };
}

function project(services: Record<string, Service>): Project {
  return {
    name: 'shop',
    services,
    networks: {},
    volumes: {},
    secrets: {},
    configs: {},
    models: {},
    extensions: {},
    serviceExtensions: {},
    disabledServices: {},
    profiles: [],
    workingDir: '/shop',
    composeFiles: ['/shop/compose.yaml'],
    environment: {},
    resolvedContent: { secrets: {}, configs: {} },
    warnings: [],
    sourceOf: () => undefined,
  };
}

function container(name: string, parts: Partial<ObservedContainer> = {}): ObservedContainer {
  const number = parts.number ?? 1;
  return {
    id: `${name}${number}` as ContainerId,
    name: `shop-${name}-${number}`,
    project: 'shop',
    service: name,
    number,
    oneOff: false,
    configFiles: [],
    dependsOn: [],
    labels: {},
    image: 'x',
    imageId: 'sha256:0' as ImageId,
    state: 'running',
    health: 'none',
    exitCode: 0,
    oomKilled: false,
    restartCount: 0,
    createdAt: 1_000,
    startedAt: 2_000,
    hasHealthcheck: false,
    tty: false,
    mounts: [],
    networks: {},
    ports: [],
    ...parts,
  };
}

function exited(name: string, parts: Partial<ObservedContainer> = {}): ObservedContainer {
  return container(name, { state: 'exited', startedAt: 2_000, finishedAt: 5_000, ...parts });
}

function facts(
  services: Record<string, Service>,
  containers: readonly ObservedContainer[],
  more: Partial<ProjectFacts> = {},
): ProjectFacts {
  const observed = { containers, networks: [], volumes: [], images: {}, at: NOW };
  return { workspace, project: project(services), observed, diverged: {}, failures: {}, cards: {}, ...more };
}

function reduceServices(of: ProjectFacts) {
  return new ServiceReducer().reduce(of);
}

/** One service with these containers, in words. */
function words(own: Partial<Service>, ...containers: readonly ObservedContainer[]): string {
  const [record] = reduceServices(facts({ api: service(own) }, containers));
  return record === undefined ? '' : describeStatus(record.status, NOW);
}

const ports = { ports: [{ target: 80, published: '8080', protocol: 'tcp' }] };
const needs = (condition: 'service_started' | 'service_healthy' | 'service_completed_successfully') => ({
  depends_on: { db: { condition, required: true } },
});

const CANNOT_START = {
  kind: 'engine.failed',
  status: 500,
  transient: false,
  message: 'exec: "x": not found',
} as const;

describe('what a service is doing, from its containers', () => {
  it.each([
    ['nothing there', {}, [], 'not created'],
    ['running', {}, [container('api')], 'running for 1 min'],
    ['healthy', {}, [container('api', { health: 'healthy', healthSince: 60_000 })], 'healthy for 40 s'],
    ['starting', {}, [container('api', { health: 'starting' })], 'starting for 1 min · not checked yet'],
    [
      'unhealthy',
      {},
      [
        container('api', {
          health: 'unhealthy',
          healthSince: 90_000,
          lastHealth: { exitCode: 1, output: 'connection refused\n', at: 90_000 },
        }),
      ],
      'unhealthy for 10 s: connection refused',
    ],
    [
      'in a restart loop',
      {},
      [container('api', { state: 'restarting', restartCount: 4, exitCode: 127, finishedAt: 9_000 })],
      'restarting · 4 times so far · exited 127: command not found',
    ],
    [
      'restarted for the first time',
      {},
      [container('api', { state: 'restarting', restartCount: 1, exitCode: 1, finishedAt: 9_000 })],
      'restarting · once so far · exited 1',
    ],
    ['paused', {}, [container('api', { state: 'paused' })], 'paused'],
    ['crashed', ports, [exited('api', { exitCode: 1 })], 'exited 1 · 1 min ago'],
    [
      'crashed after restarts',
      ports,
      [exited('api', { exitCode: 1, restartCount: 3 })],
      'exited 1 · 1 min ago · restarted 3 times',
    ],
    [
      'crashed after one restart',
      ports,
      [exited('api', { exitCode: 1, restartCount: 1 })],
      'exited 1 · 1 min ago · restarted once',
    ],
    [
      'out of memory',
      ports,
      [exited('api', { exitCode: 137, oomKilled: true })],
      'exited 137: killed, out of memory · 1 min ago',
    ],
    ['stopped by SIGTERM', ports, [exited('api', { exitCode: 143 })], 'stopped 1 min ago'],
    ['a server that ended 0 is stopped', ports, [exited('api')], 'stopped 1 min ago'],
    ['a job that ended 0 is done', {}, [exited('api')], 'done · exited 0 in 3.0 s'],
    ['a job that was stopped is not done', {}, [exited('api', { endedItself: false })], 'stopped 1 min ago'],
    [
      'killed, and nobody asked for it',
      ports,
      [exited('api', { exitCode: 137, endedItself: true })],
      'exited 137: killed (SIGKILL) · 1 min ago',
    ],
    [
      'stopped with a code of its own',
      ports,
      [exited('api', { exitCode: 3, endedItself: false })],
      'stopped 1 min ago',
    ],
    [
      'created, the engine could not start it',
      {},
      [container('api', { state: 'created', error: CANNOT_START, startedAt: undefined })],
      'exec: "x": not found',
    ],
    [
      'one of two replicas crashed',
      ports,
      [container('api'), exited('api', { number: 2, exitCode: 1 })],
      'exited 1 · 1 min ago',
    ],
    ['a one-off is not the service', {}, [exited('api', { oneOff: true, exitCode: 1 })], 'not created'],
  ] as const)('%s', (_name, own, containers, expected) => {
    expect(words(own, ...containers)).toBe(expected);
  });

  it('takes a job that others wait for as a one-shot before it has run', () => {
    const records = reduceServices(
      facts({ db: service(ports), api: service(needs('service_completed_successfully')) }, [exited('db')]),
    );
    expect(records.map((record) => [record.name, record.oneShot, record.status.type])).toEqual([
      ['db', true, 'done'],
      ['api', false, 'absent'],
    ]);
  });

  it('keeps a failure until something has run', () => {
    const failures = {
      api: { at: 7_000, error: { kind: 'image.notFound', image: 'x', message: 'No image x.' } as const },
    };
    const [absent] = reduceServices(facts({ api: service() }, [], { failures }));
    const [running] = reduceServices(facts({ api: service() }, [container('api')], { failures }));
    expect([absent?.status.type, running?.status.type]).toEqual(['failed', 'running']);
    // Stopped before, and could not be started again; and one that ran after the failure.
    const [before] = reduceServices(
      facts({ api: service() }, [exited('api', { startedAt: 6_000 })], { failures }),
    );
    const [after] = reduceServices(
      facts({ api: service() }, [exited('api', { startedAt: 7_500 })], { failures }),
    );
    expect([before?.status.type, after?.status.type]).toEqual(['failed', 'done']);
  });
});

describe('ports', () => {
  const reduce = (own: Partial<Service>, ...containers: readonly ObservedContainer[]) =>
    reduceServices(facts({ api: service(own) }, containers))[0]?.ports;

  it('shows what the engine has bound, once for IPv4 and IPv6, with a link for what a browser speaks', () => {
    const bound = [
      { containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 32768 },
      { containerPort: 80, protocol: 'tcp', hostIp: '::', hostPort: 32768 },
      { containerPort: 5432, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 5432 },
      { containerPort: 9999, protocol: 'tcp' },
    ] as const;
    expect(reduce({}, container('api', { ports: bound }))).toEqual([
      { host: '127.0.0.1', published: 5432, target: 5432, protocol: 'tcp', url: undefined },
      { host: '0.0.0.0', published: 32768, target: 80, protocol: 'tcp', url: 'http://localhost:32768' },
    ]);
  });

  it('shows what the file fixes before it runs, and nothing for a port that is still to be chosen', () => {
    expect(
      reduce({
        ports: [
          { target: 443, published: '443', protocol: 'tcp' },
          { target: 81, protocol: 'tcp' },
          { target: 82, published: '8000-8010', protocol: 'tcp' },
        ],
      }),
    ).toEqual([{ host: '0.0.0.0', published: 443, target: 443, protocol: 'tcp', url: 'https://localhost' }]);
  });
});

describe('what a service is doing, while a run works', () => {
  const db = 'db' as ServiceName;
  const api = 'api' as ServiceName;
  const target = (step: number, name: string) => ({ type: 'created', step, name }) as const;
  const steps: readonly Step[] = [
    {
      kind: 'pull',
      index: 1,
      after: [],
      cause: 'image is missing',
      image: 'x',
      services: [db],
      onFailure: 'fail',
    },
    {
      kind: 'start',
      index: 2,
      after: [1],
      cause: 'test',
      service: db,
      number: 1,
      container: target(1, 'shop-db-1'),
      ports: 'any',
      how: 'start',
    },
    {
      kind: 'await',
      index: 3,
      after: [2],
      cause: 'api depends on db',
      service: db,
      condition: 'service_healthy',
      containers: [target(1, 'shop-db-1')],
      required: true,
      probe: 'eager',
      withoutCheck: 'fail',
    },
    {
      kind: 'start',
      index: 4,
      after: [3],
      cause: 'test',
      service: api,
      number: 1,
      container: target(1, 'shop-api-1'),
      ports: 'any',
      how: 'start',
    },
  ];
  const plan: Plan = { steps, hazards: [], warnings: [] };

  function tracker(): RunTracker {
    const run = new RunTracker({ workspace, id: 'r' as RunId, kind: 'boot', title: 'Boot', startedAt: 0 });
    run.extend(plan);
    return run;
  }

  function during(events: readonly RunEvent[], ...containers: readonly ObservedContainer[]): string[] {
    const run = tracker();
    for (const event of events) run.apply(event);
    const services = { db: service(), api: service(needs('service_healthy')) };
    return reduceServices(facts(services, containers, { run })).map(
      (record) => `${record.name}: ${describeStatus(record.status, NOW)}`,
    );
  }
  const started = (step: number): RunEvent => ({ type: 'stepStarted', step, at: 1_000 });
  const done = (step: number): RunEvent => ({ type: 'stepDone', step, at: 2_000 });

  it('names the pull that it is at, and what the others wait for', () => {
    const progress = { current: 1, total: 2, unit: 'bytes', text: '1 of 2 MB' } as const;
    expect(during([started(1), { type: 'stepProgress', step: 1, at: 1_500, progress }])).toEqual([
      'db: pulling the image · 1 of 2 MB',
      'api: waits for db: healthy',
    ]);
  });

  it('shows the container as soon as it runs, while others still wait for its health', () => {
    expect(
      during([started(1), done(1), started(2), done(2), started(3)], container('db', { health: 'starting' })),
    ).toEqual(['db: starting for 1 min · not checked yet', 'api: waits for db: healthy']);
  });

  it('says what a failing check said last', () => {
    const lastHealth = { exitCode: 1, output: 'cache\nis cold\n', at: 3_000 };
    expect(words({}, container('api', { health: 'starting', lastHealth }))).toBe(
      'starting for 1 min · its check fails: is cold',
    );
  });

  it('goes on waiting for what has failed, directly or over others', () => {
    const chain = {
      db: service(),
      api: service(needs('service_started')),
      web: service({ depends_on: { api: { condition: 'service_healthy', required: true } } }),
    };
    const error = { kind: 'internal' as const, message: 'no' };
    const records = reduceServices(
      facts(chain, [container('api', { state: 'created', startedAt: undefined })], {
        failures: { db: { error, at: 1 } },
      }),
    );
    expect(records.map(({ name, status }) => `${name}: ${describeStatus(status, NOW)}`)).toEqual([
      'db: no',
      'api: waits for db: started',
      'web: waits for api: healthy',
    ]);
  });

  it('does not hide a running container behind work that is still to come', () => {
    expect(during([started(1)], container('api'))[1]).toBe('api: running for 1 min');
  });

  it('says nothing of the run any more once it has ended', () => {
    const run = tracker();
    run.apply(started(1));
    run.finish({ outcome: 'cancelled' }, 9_000);
    const [record] = reduceServices(facts({ db: service() }, [], { run }));
    expect(record?.status.type).toBe('absent');
    expect(run.record.status).toEqual({ type: 'cancelled' });
  });

  it('numbers the steps of a second plan through', () => {
    const run = tracker();
    for (const step of [1, 2, 3, 4]) run.apply(done(step));
    run.extend({ ...plan, steps: steps.slice(0, 2) });
    run.apply(done(2));
    expect(run.steps.map(({ index, after, status }) => `${index} [${after}] ${status}`).slice(4)).toEqual([
      '5 [] waiting',
      '6 [5] done',
    ]);
    expect(run.record).toMatchObject({ steps: 6, stepsDone: 5 });
  });

  it('keeps count, adds the pulls up and finds the chain that decided', () => {
    const run = tracker();
    run.apply(started(1));
    run.apply({
      type: 'stepProgress',
      step: 1,
      at: 1_500,
      progress: { current: 3, total: 9, unit: 'bytes', rate: 1 },
    });
    expect(run.record.pull).toEqual({ current: 3, total: 9, unit: 'bytes', rate: 1 });
    for (const step of [1, 2, 3, 4]) {
      run.apply(started(step));
      run.apply({ type: 'stepDone', step, at: 2_000 + step });
    }
    expect([run.record.stepsDone, run.record.steps, run.record.pull]).toEqual([4, 4, undefined]);
    run.finish({ outcome: 'done' }, 9_000);
    expect(run.record).toMatchObject({
      status: { type: 'done' },
      finishedAt: 9_000,
      criticalPath: ['db', 'api'],
    });
  });
});
