import { expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import type { EngineEvent } from '#engine/events.ts';
import { FakeClock } from '../fakeClock.ts';
import { FakeEngine } from './fakeEngine.ts';

async function started(fake: FakeEngine, name: string, body = {}): Promise<ContainerId> {
  const { id } = await fake.engine.createContainer({ name, body: { Image: 'app', ...body } });
  await fake.engine.startContainer(id);
  return id;
}

const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (failure) => `${failure.error.kind} ${failure.error.reason ?? ''}`.trim(),
  );

test('a healthcheck of half a minute takes no time', async () => {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock, images: ['app'] });
  fake.script({ name: 'db' }, { healthyAfterMs: 45_000 });
  const events = await fake.engine.openEvents({});
  await started(fake, 'db', { Healthcheck: { Test: ['CMD', 'ready'], Interval: 30e9, Retries: 5 } });
  const healthy = (async () => {
    for await (const event of events) if (event.action === 'health_status') return event;
    return undefined;
  })();
  const event = (await clock.run(healthy)) as EngineEvent;
  expect(event.detail).toBe('healthy');
  expect(clock.monotonic()).toBe(60_000);
});

test('an engine that goes away: streams end or fail as lost, new calls are refused, its containers live on', async () => {
  const fake = new FakeEngine({ clock: new FakeClock(), images: ['app'] });
  const id = await started(fake, 'web');
  const events = await fake.engine.openEvents({});
  const logs = await fake.engine.openLogs(id, { follow: true, timestamps: false });
  const reading = (async () => {
    for await (const _ of logs);
  })();
  const waiting = kindOf(fake.engine.waitContainer(id));
  const read = kindOf(reading);
  await new Promise((resolve) => setImmediate(resolve));
  fake.goUnreachable();
  for await (const _ of events);
  expect(await read).toBe('engine.unreachable lost');
  expect(await waiting).toBe('engine.unreachable lost');
  expect(await kindOf(fake.engine.listContainers({ all: true }))).toBe('engine.unreachable refused');
  expect(fake.openConnections).toBe(0);
  fake.comeBack();
  expect((await fake.engine.listContainers({ all: true })).map(({ state }) => state)).toEqual(['running']);
});

test('a call fails as often as it is told to, or waits until it is let go', async () => {
  const fake = new FakeEngine({ clock: new FakeClock(), images: ['app'] });
  const { id } = await fake.engine.createContainer({ name: 'web', body: { Image: 'app' } });
  fake.faults.failNext(
    'startContainer',
    { kind: 'engine.failed', status: 500, transient: true, message: 'x' },
    2,
  );
  expect(await kindOf(fake.engine.startContainer(id))).toBe('engine.failed');
  expect(await kindOf(fake.engine.startContainer(id))).toBe('engine.failed');
  const release = fake.faults.hold('startContainer');
  const held = kindOf(fake.engine.startContainer(id));
  await new Promise((resolve) => setImmediate(resolve));
  expect(fake.container('web').state).toBe('created');
  release();
  expect(await held).toBe('done');
  expect(fake.calls.map(({ method }) => method)).toEqual([
    'createContainer',
    ...Array(3).fill('startContainer'),
  ]);
});

test('a program may be another one at each start', async () => {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock, images: ['app'] });
  fake.script({ image: 'app' }, (_, run) => (run < 3 ? { exit: { atMs: 10, code: 1 } } : {}));
  await started(fake, 'web', { HostConfig: { RestartPolicy: { Name: 'always' } } });
  await clock.advance(10_000);
  expect(fake.container('web')).toMatchObject({ state: 'running', runs: 3, restartCount: 2 });
});

test('a pull can be given up between two layers', async () => {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock });
  const layers = ['a', 'b'].map((id) => ({ id, sizeBytes: 10 }));
  fake.addRemoteImage('big:1', { layers });
  const abort = new AbortController();
  const phases: string[] = [];
  const pulling = kindOf(
    fake.engine.pullImage({
      reference: 'big:1',
      signal: abort.signal,
      onProgress: ({ layer, phase }) => {
        phases.push(`${layer} ${phase}`);
        if (layer === 'a' && phase === 'done') abort.abort();
      },
    }),
  );
  expect(await clock.run(pulling)).toBe('cancelled');
  expect(phases).not.toContain('b done');
  expect(await fake.engine.inspectImage('big:1')).toBeUndefined();
});
