import { describe, expect, test } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import { FakeClock } from '#support/fakeClock.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { PlanRun, readyAfter } from '#support/planRun.ts';
import { projectOf } from '#support/planWorld.ts';
import { NETWORK_STAYS } from './steps/removeNetwork.ts';

const CHAIN = `
name: shop
services:
  db: {image: postgres, healthcheck: {test: [CMD, ready], interval: 30s}}
  api: {image: busybox, depends_on: {db: {condition: service_healthy}}}
  other: {image: busybox}
`;

const ALONE = '{name: shop, services: {a: {image: busybox}}}';

const IN_USE = {
  kind: 'engine.failed' as const,
  status: 403,
  transient: true,
  message: 'active endpoints',
};

async function world(yaml: string, images = ['postgres', 'busybox']) {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock, images });
  const run = new PlanRun({ project: await projectOf(yaml), engine: fake.engine, clock });
  const boot = async () => clock.run(run.boot());
  const states = () =>
    Object.fromEntries(
      run.project.services
        ? Object.keys(run.project.services).map((name) => [name, stateOf(fake, name)])
        : [],
    );
  return { clock, fake, run, boot, states };
}

function stateOf(fake: FakeEngine, service: string): string {
  try {
    return fake.container(`shop-${service}-1`).state;
  } catch {
    return 'absent';
  }
}

describe('a run', () => {
  test('brings a stack up, and a second one finds nothing to do', async () => {
    const { boot, clock, fake, run, states } = await world(CHAIN);
    readyAfter({ fake, clock }, 'shop-db-1', 500);
    expect(await boot()).toEqual({ outcome: 'done' });
    expect(states()).toEqual({ db: 'running', api: 'running', other: 'running' });
    // Until the engine has looked for the first time a new run asks the check once more, and changes nothing.
    expect((await run.bootPlan()).steps.map((step) => step.kind)).toEqual(['await']);
    await clock.advance(30_000);
    expect((await run.bootPlan()).steps).toEqual([]);
  });

  test('starts a dependent only after the check of its dependency has passed', async () => {
    const { boot, clock, fake, run } = await world(CHAIN);
    readyAfter({ fake, clock }, 'shop-db-1', 2_000);
    await boot();
    const [passed] = run.told('stepProbe').filter((event) => event.result.exitCode === 0);
    expect(passed).toBeDefined();
    const api = await fake.engine.inspectContainer('shop-api-1');
    expect(api.startedAt).toBeGreaterThanOrEqual(passed?.at ?? Number.POSITIVE_INFINITY);
  });

  test.each([
    ['SIGKILL', 'but is not flooded with what it ends itself', 16],
    ['SIGTERM', 'and waits for all processes at once', 40],
  ])('stops many containers by %s, %s', async (signal, _how, atOnce) => {
    const services = Array.from(
      { length: 40 },
      (_, index) => `s${index}: {image: busybox, stop_signal: ${signal}}`,
    );
    const { boot, clock, fake, run } = await world(`{name: shop, services: {${services.join(', ')}}}`);
    await boot();
    let [now, most] = [0, 0];
    const stopContainer: Engine['stopContainer'] = async (id, options) => {
      now += 1;
      most = Math.max(most, now);
      await clock.sleep(100);
      now -= 1;
      await fake.engine.stopContainer(id, options);
    };
    const engine = { ...fake.engine, stopContainer };
    const stopping = new PlanRun({ project: run.project, engine, clock, processors: 2 });
    expect(await clock.run(stopping.stop())).toEqual({ outcome: 'done' });
    expect(most).toBe(atOnce);
  });

  test('leaves a place to creations while containers are started, and none when there are no more', async () => {
    const services = Array.from({ length: 40 }, (_, index) => {
      const above = index < 10 ? '' : `, depends_on: [s${index - 10}]`;
      return `s${index}: {image: busybox${above}}`;
    });
    const { clock, fake, run } = await world(`{name: shop, services: {${services.join(', ')}}}`);
    let [starting, created] = [0, 0];
    const most = { besideCreations: 0, alone: 0 };
    const engine: Engine = {
      ...fake.engine,
      createContainer: async (request) => {
        await clock.sleep(100);
        const made = await fake.engine.createContainer(request);
        created += 1;
        return made;
      },
      startContainer: async (id, options) => {
        starting += 1;
        const when = created < 39 ? 'besideCreations' : 'alone';
        most[when] = Math.max(most[when], starting);
        await clock.sleep(1_000);
        starting -= 1;
        await fake.engine.startContainer(id, options);
      },
    };
    const booting = new PlanRun({ project: run.project, engine, clock, processors: 2 });
    expect(await clock.run(booting.boot())).toEqual({ outcome: 'done' });
    expect(most).toEqual({ besideCreations: 7, alone: 8 });
  });

  test('pulls what is missing, and tells how far it is', async () => {
    const { boot, clock, fake, run, states } = await world(CHAIN, ['busybox']);
    fake.addRemoteImage('postgres');
    readyAfter({ fake, clock }, 'shop-db-1', 0);
    expect(await boot()).toEqual({ outcome: 'done' });
    expect(run.told('stepProgress').some((event) => event.progress.unit === 'bytes')).toBe(true);
    expect(states()['db']).toBe('running');
  });

  test('puts the id of what was pulled into the label', async () => {
    const { boot, fake } = await world('{name: shop, services: {a: {image: busybox}}}', []);
    fake.addRemoteImage('busybox');
    await boot();
    const { labels } = fake.container('shop-a-1');
    expect(labels['com.docker.compose.image']).toMatch(/^sha256:/);
  });

  test('lets a failure take its dependants and nothing else', async () => {
    const { boot, fake, run, states } = await world(CHAIN);
    fake.script(
      { name: 'shop-db-1' },
      { exit: { atMs: 300, code: 3 }, healthyAfterMs: Number.POSITIVE_INFINITY },
    );
    const result = await boot();
    expect(result).toMatchObject({
      outcome: 'failed',
      failures: [{ service: 'db', error: { kind: 'dependency.exited', exitCode: 3 } }],
    });
    expect(states()).toEqual({ db: 'exited', api: 'created', other: 'running' });
    expect(run.told('stepSkipped').map((event) => event.reason)).toEqual(['db failed', 'db failed']);
  });

  test('goes on without an optional dependency that fails', async () => {
    const { boot, fake, states } = await world(
      CHAIN.replace('condition: service_healthy', 'condition: service_healthy, required: false'),
    );
    fake.script({ name: 'shop-db-1' }, { exit: { atMs: 300, code: 3 } });
    await boot();
    expect(states()['api']).toBe('running');
  });

  test('fails when what has no check ends at once, and not when a one-shot is done', async () => {
    const yaml = '{name: shop, services: {a: {image: busybox}, b: {image: busybox}}}';
    const bad = await world(yaml);
    bad.fake.script({ name: 'shop-a-1' }, { exit: { atMs: 50, code: 2 } });
    expect(await bad.boot()).toMatchObject({
      outcome: 'failed',
      failures: [{ service: 'a', error: { kind: 'dependency.exited', exitCode: 2 } }],
    });
    const good = await world(yaml);
    good.fake.script({ name: 'shop-a-1' }, { exit: { atMs: 50, code: 0 } });
    expect(await good.boot()).toEqual({ outcome: 'done' });
  });

  test('a restart is done when all of it is ready again, and has failed where something does not come up', async () => {
    const { boot, clock, fake, run } = await world(CHAIN);
    readyAfter({ fake, clock }, 'shop-db-1', 500);
    await boot();
    expect(await clock.run(run.restart())).toEqual({ outcome: 'done' });
    expect(run.told('stepProbe').at(-1)).toMatchObject({ result: { exitCode: 0 } });
    fake.script({ name: 'shop-other-1' }, { exit: { atMs: 50, code: 3 } });
    expect(await clock.run(run.restart())).toMatchObject({
      outcome: 'failed',
      failures: [{ service: 'other', error: { kind: 'dependency.exited', exitCode: 3 } }],
    });
  });

  test('fails when what was only just pulled ends at once: the plan could not know that it has no check', async () => {
    const { boot, fake } = await world('{name: shop, services: {a: {image: busybox}}}', []);
    fake.addRemoteImage('busybox');
    fake.script({ name: 'shop-a-1' }, { exit: { atMs: 50, code: 2 } });
    expect(await boot()).toMatchObject({ outcome: 'failed', failures: [{ error: { exitCode: 2 } }] });
  });

  test('after a failure does only what is left', async () => {
    const { boot, fake, run, states } = await world(CHAIN);
    fake.script({ name: 'shop-db-1' }, (_, attempt) =>
      attempt === 1 ? { exit: { atMs: 300, code: 3 } } : { healthyAfterMs: 100 },
    );
    await boot();
    expect(await boot()).toEqual({ outcome: 'done' });
    expect(run.told('stepDone').map((event) => run.plan?.steps[event.step - 1]?.kind)).not.toContain(
      'create',
    );
    expect(states()).toEqual({ db: 'running', api: 'running', other: 'running' });
  });

  test('tries again what passes by itself, and says so', async () => {
    const { boot, fake, run } = await world('{name: shop, services: {a: {image: busybox}}}');
    const error = { kind: 'engine.failed' as const, status: 500, transient: true, message: 'driver failed' };
    fake.faults.failNext('startContainer', error, 2);
    expect(await boot()).toEqual({ outcome: 'done' });
    expect(run.told('stepNote').map((event) => event.note)).toEqual([
      'retrying: driver failed, 2nd try',
      'retrying: driver failed, 3rd try',
    ]);
  });

  test('fails at once for what does not pass by itself', async () => {
    const { boot, fake, run } = await world(
      '{name: shop, services: {a: {image: busybox, ports: ["8080:80"]}}}',
    );
    fake.occupyPort(8080);
    expect(await boot()).toMatchObject({
      outcome: 'failed',
      failures: [{ service: 'a', error: { kind: 'port.inUse', port: 8080 } }],
    });
    expect(run.told('stepNote')).toEqual([]);
  });

  test('survives an engine that is away for a moment', async () => {
    const { clock, fake, run, states } = await world('{name: shop, services: {a: {image: busybox}}}');
    const release = fake.faults.hold('createContainer');
    const booting = run.boot();
    await clock.advance(10);
    fake.goUnreachable();
    release();
    await clock.advance(300);
    fake.comeBack();
    expect(await clock.run(booting)).toEqual({ outcome: 'done' });
    expect(states()).toEqual({ a: 'running' });
  });

  test('that is cancelled begins nothing new and leaves what it made', async () => {
    const { clock, fake, run, states } = await world(CHAIN);
    readyAfter({ fake, clock }, 'shop-db-1', Number.POSITIVE_INFINITY);
    const booting = run.boot();
    await clock.advance(1_000);
    run.cancel();
    expect(await clock.run(booting)).toEqual({ outcome: 'cancelled' });
    expect(states()).toEqual({ db: 'running', api: 'created', other: 'running' });
    expect(run.told('stepSkipped').length).toBeGreaterThan(0);
  });

  test('uses the container that another made in the meantime', async () => {
    const { clock, fake, run, states } = await world('{name: shop, services: {a: {image: busybox}}}');
    const other = new PlanRun({ project: run.project, engine: fake.engine, clock });
    const [mine, theirs] = await clock.run(Promise.all([run.boot(), other.boot()]));
    expect([mine.outcome, theirs.outcome]).toEqual(['done', 'done']);
    expect(states()).toEqual({ a: 'running' });
    const all = await fake.engine.listContainers({ all: true });
    const networks = await fake.engine.listNetworks({ labels: ['com.docker.compose.project=shop'] });
    expect(all).toHaveLength(1);
    expect(networks).toHaveLength(1);
  });

  test('fails for a container of somebody else that has the name', async () => {
    const { boot, fake } = await world(
      '{name: shop, services: {a: {image: busybox, container_name: taken}}}',
    );
    await fake.engine.createContainer({ name: 'taken', body: { Image: 'busybox' } });
    expect(await boot()).toMatchObject({
      outcome: 'failed',
      failures: [{ service: 'a', error: { kind: 'engine.conflict' } }],
    });
  });

  test('removes a container that could not be completed', async () => {
    const { boot, fake, states } = await world(
      '{name: shop, services: {a: {image: busybox, networks: [x, y]}}, networks: {x: {}, y: {}}}',
    );
    const error = { kind: 'engine.failed' as const, status: 500, transient: false, message: 'no' };
    fake.faults.failNext('connectNetwork', error);
    expect(await boot()).toMatchObject({ outcome: 'failed' });
    expect(states()).toEqual({ a: 'absent' });
    expect(await boot()).toEqual({ outcome: 'done' });
  });

  test('puts contents in before the start', async () => {
    const { boot, fake } = await world(`
name: shop
services: {a: {image: busybox, configs: [{source: c, target: /etc/c}]}}
configs: {c: {content: hello}}
`);
    expect(await boot()).toEqual({ outcome: 'done' });
    expect(await fake.engine.statPath(fake.container('shop-a-1').id, '/etc/c')).toMatchObject({
      sizeBytes: 5,
    });
  });

  test('puts contents also into a container whose creation was cut off', async () => {
    const { boot, fake } = await world(`
name: shop
services: {a: {image: busybox, networks: [x, y], configs: [{source: c, target: /etc/c}]}}
networks: {x: {}, y: {}}
configs: {c: {content: hello}}
`);
    const { createContainer } = fake.engine;
    let answers = 0;
    fake.engine.createContainer = async (request) => {
      const created = await createContainer(request);
      if (answers++ > 0) return created;
      // The engine has made it; its answer gets lost.
      throw new AppFailure({ kind: 'engine.failed', status: 0, transient: true, message: 'reset' });
    };
    expect(await boot()).toEqual({ outcome: 'done' });
    const { id } = fake.container('shop-a-1');
    expect(await fake.engine.statPath(id, '/etc/c')).toMatchObject({ sizeBytes: 5 });
    const { networks } = await fake.engine.inspectContainer(id);
    expect([...networks].sort()).toEqual(['shop_x', 'shop_y']);
  });

  test('keeps the data of anonymous volumes over a recreate', async () => {
    const yaml = (value: string) =>
      `{name: shop, services: {a: {image: busybox, volumes: [/data], environment: {A: "${value}"}}}}`;
    const first = await world(yaml('1'));
    await first.boot();
    const before = await first.fake.engine.inspectContainer('shop-a-1');
    const second = new PlanRun({
      project: await projectOf(yaml('2')),
      engine: first.fake.engine,
      clock: first.clock,
    });
    expect(await first.clock.run(second.boot())).toEqual({ outcome: 'done' });
    const after = await first.fake.engine.inspectContainer('shop-a-1');
    expect(after.id).not.toBe(before.id);
    expect(after.mounts.map((mount) => mount.name)).toEqual(before.mounts.map((mount) => mount.name));
  });

  test('down leaves no container and no network', async () => {
    const { boot, clock, fake, run } = await world(CHAIN);
    readyAfter({ fake, clock }, 'shop-db-1', 0);
    await boot();
    expect(await clock.run(run.down())).toEqual({ outcome: 'done' });
    const left = { all: true, labels: ['com.docker.compose.project=shop'] };
    expect(await fake.engine.listContainers(left)).toEqual([]);
    expect(await fake.engine.listNetworks(left)).toEqual([]);
  });

  test('down waits a moment for a network that somebody else is on, then says that it stays', async () => {
    const { boot, clock, fake, run } = await world(ALONE);
    await boot();
    await fake.engine.createContainer({
      name: 'stranger',
      body: { Image: 'busybox', HostConfig: { NetworkMode: 'shop_default' } },
    });
    fake.faults.failNext('removeNetwork', IN_USE, 20);
    const before = clock.monotonic();
    expect(await clock.run(run.down())).toEqual({ outcome: 'done' });
    expect(run.told('stepDone').map((event) => event.note)).toContain(NETWORK_STAYS);
    expect(clock.monotonic() - before).toBeGreaterThan(1_000);
  });

  test('down does not wait for a network that nobody is on, whatever the engine counts', async () => {
    const { boot, clock, fake, run } = await world(ALONE);
    await boot();
    fake.faults.failNext('removeNetwork', IN_USE, 20);
    expect(await clock.run(run.down())).toEqual({ outcome: 'done' });
    expect(run.told('stepDone').map((event) => event.note)).toContain(NETWORK_STAYS);
    expect(run.told('stepNote')).toEqual([]);
  });

  test('a network that has changed and that somebody else is on fails the boot, and names who that is', async () => {
    const { boot, clock, fake } = await world(ALONE);
    await boot();
    const { id } = await fake.engine.createContainer({
      name: 'stranger',
      body: { Image: 'busybox', HostConfig: { NetworkMode: 'shop_default' } },
    });
    await fake.engine.startContainer(id);
    const changed = ALONE.replace(
      /\}$/,
      ', networks: {default: {driver_opts: {com.docker.network.driver.mtu: "1400"}}}}',
    );
    const again = new PlanRun({ project: await projectOf(changed), engine: fake.engine, clock });
    expect(await clock.run(again.boot())).toMatchObject({
      outcome: 'failed',
      failures: [
        { error: { kind: 'engine.conflict', message: expect.stringContaining('stranger is on it') } },
      ],
    });
  });
});
