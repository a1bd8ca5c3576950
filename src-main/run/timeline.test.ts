import { expect, test } from 'vitest';
import type { RunId } from '#contract/ids.ts';
import { FakeClock } from '#support/fakeClock.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { PlanRun, readyAfter } from '#support/planRun.ts';
import { projectOf } from '#support/planWorld.ts';
import { TimelineRecorder } from './timeline.ts';

const YAML = `
name: shop
services:
  db: {image: postgres, healthcheck: {test: [CMD, ready], interval: 30s}}
  api: {image: busybox, depends_on: {db: {condition: service_healthy}}}
  other: {image: busybox}
`;

async function recorded(setUp: (fake: FakeEngine, clock: FakeClock) => void) {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock, images: ['busybox'] });
  fake.addRemoteImage('postgres');
  setUp(fake, clock);
  const run = new PlanRun({ project: await projectOf(YAML), engine: fake.engine, clock });
  const plan = await run.bootPlan();
  const recorder = new TimelineRecorder(plan, clock);
  const executing = run.execute(plan, (event) => recorder.apply(event));
  const result = await clock.run(executing);
  return recorder.finish({ run: 'r' as RunId, result, intervalMs: () => 30_000 });
}

test('a boot tells where the time of each service went', async () => {
  const timeline = await recorded((fake, clock) => readyAfter({ fake, clock }, 'shop-db-1', 1_500));
  expect(timeline.outcome).toBe('done');
  const db = timeline.services.find((entry) => entry.service === 'db');
  expect(db?.spans.map((span) => span.phase)).toEqual(
    expect.arrayContaining(['pull', 'create', 'start', 'check', 'ready']),
  );
  expect(db?.readyMs).toBeGreaterThanOrEqual(1_500);
  expect(db?.note).toMatch(/own check passed/);
  const api = timeline.services.find((entry) => entry.service === 'api');
  expect(api?.spans.map((span) => span.phase)).toContain('wait');
});

test('the chain that decided the total is named, first to last', async () => {
  const timeline = await recorded((fake, clock) => readyAfter({ fake, clock }, 'shop-db-1', 1_500));
  expect(timeline.criticalPath).toEqual(['db', 'api']);
});

test('it says what the engine’s own checks would have cost', async () => {
  const timeline = await recorded((fake, clock) => readyAfter({ fake, clock }, 'shop-db-1', 1_500));
  expect(timeline.totalMs).toBeLessThan(4_000);
  expect(timeline.withoutEagerMs).toBeGreaterThanOrEqual(30_000);
  expect(timeline.withoutEagerMs).toBeLessThan(32_000);
});

test('a boot that fails has a timeline too', async () => {
  const timeline = await recorded((fake) =>
    fake.script({ name: 'shop-db-1' }, { exit: { atMs: 200, code: 1 } }),
  );
  expect(timeline.outcome).toBe('failed');
  expect(timeline.withoutEagerMs).toBeUndefined();
  const phases = (name: string) =>
    timeline.services.find(({ service }) => service === name)?.spans.map(({ phase }) => phase);
  expect(phases('db')?.at(-1)).toBe('failed');
  expect(phases('api')?.at(-1)).toBe('wait');
  expect([phases('db'), phases('api')].flat()).not.toContain('ready');
  expect(phases('other')?.at(-1)).toBe('ready');
  const notes = timeline.services.map(({ service, note }) => `${service}: ${note ?? ''}`);
  expect(notes).toEqual(['api: not started: db failed', 'db: db exited with 1.', 'other: ']);
});
