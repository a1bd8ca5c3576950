import { describe, expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import { FakeClock } from '#support/fakeClock.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { PlanRun, readyAfter } from '#support/planRun.ts';
import { projectOf } from '#support/planWorld.ts';

function stack(extra = ''): string {
  return `
name: shop
services:
  db: {image: postgres, healthcheck: {test: [CMD, ready], interval: 30s, retries: 3}${extra}}
  api: {image: busybox, depends_on: {db: {condition: service_healthy}}}
`;
}

async function world(yaml: string) {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock, images: ['postgres', 'busybox'] });
  const run = new PlanRun({ project: await projectOf(yaml), engine: fake.engine, clock });
  return { clock, fake, run };
}

test('a service is ready when its own check passes, long before the engine looks', async () => {
  const { clock, fake, run } = await world(stack());
  readyAfter({ fake, clock }, 'shop-db-1', 1_700);
  const began = clock.monotonic();
  expect(await clock.run(run.boot())).toEqual({ outcome: 'done' });
  expect(clock.monotonic() - began).toBeLessThan(3_000);
  expect(run.told('stepDone').map((event) => event.note)).toContainEqual(
    expect.stringMatching(/^own check passed after [\d.]+ s, not 30$/),
  );
});

test('a failing check inside the start is no failure', async () => {
  const { clock, fake, run } = await world(stack());
  readyAfter({ fake, clock }, 'shop-db-1', 20_000);
  expect(await clock.run(run.boot())).toEqual({ outcome: 'done' });
  expect(run.told('stepProbe').filter((event) => event.result.exitCode !== 0).length).toBeGreaterThan(10);
});

test('the pauses between checks grow to a second and no further', async () => {
  const { clock, fake, run } = await world(stack());
  readyAfter({ fake, clock }, 'shop-db-1', 12_000);
  await clock.run(run.boot());
  const times = run.told('stepProbe').map((event) => event.at);
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(pauses[0]).toBeLessThan(200);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(1_100);
});

/** When the checks of a boot began, where each takes so long and the service is ready after half a minute. */
async function beginnings(tookMs: number): Promise<number[]> {
  const { clock, fake, run } = await world(stack().replace('30s', '10m'));
  const began: number[] = [];
  fake.script({ name: 'shop-db-1' }, { healthyAfterMs: Number.POSITIVE_INFINITY });
  fake.onExec(() => {
    began.push(clock.monotonic());
    return { exitCode: clock.monotonic() < 30_000 ? 1 : 0, afterMs: tookMs };
  });
  expect(await clock.run(run.boot())).toEqual({ outcome: 'done' });
  return began;
}

test('an expensive check rests as long as it took, so that the service has the machine half the time', async () => {
  const began = await beginnings(3_000);
  const gaps = began.slice(1).map((at, index) => at - (began[index] ?? 0));
  expect(new Set(gaps)).toEqual(new Set([6_000]));
});

test('a check that takes very long rests for five seconds at most', async () => {
  const [first = 0, second = 0] = await beginnings(12_000);
  expect(second - first).toBe(17_000);
});

test('probe: false leaves the checking to the engine', async () => {
  const { clock, fake, run } = await world(stack(', x-slipway: {probe: false}'));
  readyAfter({ fake, clock }, 'shop-db-1', 100);
  const began = clock.monotonic();
  expect(await clock.run(run.boot())).toEqual({ outcome: 'done' });
  expect(clock.monotonic() - began).toBeGreaterThanOrEqual(30_000);
  expect(fake.calls.filter((call) => call.method === 'exec')).toEqual([]);
});

test('the engine’s verdict that it is unhealthy ends the wait', async () => {
  const { clock, fake, run } = await world(stack());
  fake.script(
    { name: 'shop-db-1' },
    { probe: () => ({ exitCode: 1, output: 'no route to host' }), healthyAfterMs: Number.POSITIVE_INFINITY },
  );
  expect(await clock.run(run.boot())).toMatchObject({
    outcome: 'failed',
    failures: [{ error: { kind: 'dependency.unhealthy', health: { output: 'no route to host' } } }],
  });
});

test('the engine’s healthy counts as soon as it is told', async () => {
  const { clock, fake, run } = await world(stack());
  readyAfter({ fake, clock }, 'shop-db-1', Number.POSITIVE_INFINITY);
  const booting = run.boot();
  await clock.advance(5_000);
  fake.setHealth('shop-db-1', 'healthy');
  expect(await clock.run(booting)).toEqual({ outcome: 'done' });
  expect(clock.monotonic()).toBeLessThan(10_000);
});

test('an end is told at once, with its code', async () => {
  const { clock, fake, run } = await world(stack());
  fake.script({ name: 'shop-db-1' }, { exit: { atMs: 250, code: 137 } });
  const began = clock.monotonic();
  expect(await clock.run(run.boot())).toMatchObject({
    outcome: 'failed',
    failures: [{ error: { kind: 'dependency.exited', service: 'db', exitCode: 137 } }],
  });
  expect(clock.monotonic() - began).toBeLessThan(1_000);
});

test('a dependency without a healthcheck never becomes healthy, and that is said', async () => {
  const { clock, run } = await world(stack().replace(/healthcheck: \{.*?\}/, 'stdin_open: true'));
  expect(await clock.run(run.boot())).toMatchObject({
    outcome: 'failed',
    failures: [
      { error: { kind: 'dependency.unhealthy', message: expect.stringContaining('no healthcheck') } },
    ],
  });
});

test('a one-shot is awaited until it has ended with 0', async () => {
  const yaml = `
name: shop
services:
  migrate: {image: busybox}
  api: {image: busybox, depends_on: {migrate: {condition: service_completed_successfully}}}
`;
  const good = await world(yaml);
  good.fake.script({ name: 'shop-migrate-1' }, { exit: { atMs: 4_000, code: 0 } });
  expect(await good.clock.run(good.run.boot())).toEqual({ outcome: 'done' });
  expect((await good.run.bootPlan()).steps).toEqual([]);
  const bad = await world(yaml);
  bad.fake.script({ name: 'shop-migrate-1' }, { exit: { atMs: 4_000, code: 2 } });
  expect(await bad.clock.run(bad.run.boot())).toMatchObject({
    outcome: 'failed',
    failures: [{ error: { kind: 'dependency.exited', exitCode: 2 } }],
  });
});

test('a wait goes on over a lost event stream and misses nothing', async () => {
  const { clock, fake, run } = await world(stack(', x-slipway: {probe: false}'));
  readyAfter({ fake, clock }, 'shop-db-1', Number.POSITIVE_INFINITY);
  const booting = run.boot();
  await clock.advance(5_000);
  fake.dropConnections();
  fake.setHealth('shop-db-1', 'healthy');
  expect(await clock.run(booting)).toEqual({ outcome: 'done' });
  expect(clock.monotonic()).toBeLessThan(8_000);
});

test('waiting asks the engine nothing but the check itself', async () => {
  const { clock, fake, run } = await world(stack());
  readyAfter({ fake, clock }, 'shop-db-1', 10_000);
  const booting = run.boot();
  await clock.advance(1_000);
  const before = fake.calls.length;
  await clock.advance(5_000);
  expect(new Set(fake.calls.slice(before).map((call) => call.method))).toEqual(new Set(['exec']));
  await clock.run(booting);
});

test('a server that starts twice has passed when it answers as a dependent asks', async () => {
  const { clock, fake, run: plain } = await world(stack());
  fake.onExec(({ command }) => ({ exitCode: command[0] === 'ask' && clock.monotonic() < 3_000 ? 2 : 0 }));
  const run = new PlanRun({
    project: plain.project,
    engine: fake.engine,
    clock,
    readyProbe: () => ['ask'],
    startsTwice: (service) => service === 'db',
  });
  expect(await clock.run(run.boot())).toEqual({ outcome: 'done' });
  expect(clock.monotonic()).toBeGreaterThanOrEqual(3_000);
  expect(clock.monotonic()).toBeLessThan(20_000);
});

describe('middleware without a healthcheck', () => {
  const yaml = '{name: shop, services: {db: {image: postgres}}}';
  async function booted(answer: (now: number) => { exitCode: number }) {
    const { clock, fake, run: plain } = await world(yaml);
    fake.onExec(({ command }) => (command[0] === 'ask' ? answer(clock.monotonic()) : undefined));
    const run = new PlanRun({
      project: plain.project,
      engine: fake.engine,
      clock,
      readyProbe: () => ['ask'],
    });
    return { clock, fake, run };
  }

  test('is ready when its own client gets an answer', async () => {
    const { clock, run } = await booted((now) => ({ exitCode: now >= 3_000 ? 0 : 2 }));
    expect(await clock.run(run.boot())).toEqual({ outcome: 'done' });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(3_000);
    expect(run.told('stepDone').at(-1)?.note).toMatch(/^answers after [\d.]+ s$/);
  });

  test('is not waited for where its image has no such client', async () => {
    const { clock, run } = await booted(() => ({ exitCode: 127 }));
    expect(await clock.run(run.boot())).toEqual({ outcome: 'done' });
    expect(clock.monotonic()).toBeLessThan(2_000);
  });

  test('fails at once when it ends, and is given up with a word when it never answers', async () => {
    const ending = await booted(() => ({ exitCode: 2 }));
    ending.fake.script({ name: 'shop-db-1' }, { exit: { atMs: 5_000, code: 1 } });
    expect(await ending.clock.run(ending.run.boot())).toMatchObject({
      failures: [{ error: { exitCode: 1 } }],
    });
    expect(ending.clock.monotonic()).toBeLessThan(7_000);
    const silent = await booted(() => ({ exitCode: 2 }));
    expect(await silent.clock.run(silent.run.boot())).toEqual({ outcome: 'done' });
    expect(silent.run.told('stepDone').at(-1)?.note).toBe('runs, but does not answer ask yet');
  });
});

const RESTARTING = `
name: shop
services:
  api: {image: busybox, restart: always}
`;

/** Boots a service whose first so many runs end after half the time that one must stay up. */
async function bootRestarting(ends: number) {
  const { clock, fake, run } = await world(RESTARTING);
  fake.script({ name: 'shop-api-1' }, (_, number) => (number <= ends ? { exit: { atMs: 50, code: 3 } } : {}));
  return { result: await clock.run(run.boot()), run };
}

test('what its restart policy brings up after a few ends is ready when it stays', async () => {
  const { result, run } = await bootRestarting(3);
  expect(result).toEqual({ outcome: 'done' });
  expect(run.told('stepNote').map(({ note }) => note)).toContain('ended with 3 and is started again, 3 of 5');
});

test('what goes on crashing is not ready in the moments in which it runs', async () => {
  const { result } = await bootRestarting(Number.POSITIVE_INFINITY);
  expect(result).toMatchObject({
    outcome: 'failed',
    failures: [{ service: 'api', error: { kind: 'dependency.exited', exitCode: 3 } }],
  });
});

test('what ends while others are waited for fails the boot, though it had started', async () => {
  const { clock, fake, run } = await world(`
name: shop
services:
  db: {image: postgres, healthcheck: {test: [CMD, ready], interval: 30s, retries: 3}}
  api: {image: busybox}
  migrate: {image: busybox}
`);
  readyAfter({ fake, clock }, 'shop-db-1', 2_000);
  fake.script({ name: 'shop-api-1' }, { exit: { atMs: 800, code: 3 } });
  fake.script({ name: 'shop-migrate-1' }, { exit: { atMs: 800, code: 0 } });
  expect(await clock.run(run.boot())).toMatchObject({
    outcome: 'failed',
    failures: [{ service: 'api', error: { kind: 'dependency.exited', exitCode: 3 } }],
  });
});

test('what somebody stops while it rests before its next start is not waited for', async () => {
  const { clock, fake, run } = await world(RESTARTING);
  fake.script({ name: 'shop-api-1' }, () => ({ exit: { atMs: 50, code: 3 } }));
  const booting = run.boot();
  const stopping = clock
    .sleep(1_000)
    .then(() => fake.engine.stopContainer(fake.container('shop-api-1').id as ContainerId));
  expect(await clock.run(booting)).toMatchObject({
    outcome: 'failed',
    failures: [{ service: 'api', error: { kind: 'dependency.exited', exitCode: 3 } }],
  });
  await stopping;
});

test('a dependent starts when what it waits for has been brought up again', async () => {
  const { clock, fake, run } = await world(`
name: shop
services:
  db: {image: postgres, restart: always}
  api: {image: busybox, depends_on: {db: {condition: service_started, required: false}}}
`);
  // Its first run is over before the engine has answered the start.
  fake.script({ name: 'shop-db-1' }, (_, number) => (number === 1 ? { exit: { atMs: 10, code: 3 } } : {}));
  const { startContainer } = fake.engine;
  fake.engine.startContainer = async (id, options) => {
    await startContainer(id, options);
    await clock.sleep(50);
  };
  expect(await clock.run(run.boot())).toEqual({ outcome: 'done' });
  expect(fake.container('shop-api-1').state).toBe('running');
});
