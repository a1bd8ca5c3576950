import { afterEach, expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import { FakeClock } from '#support/fakeClock.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { Observer, type ObserverChange } from './observer.ts';

const opened: Observer[] = [];
afterEach(async () => {
  for (const observer of opened.splice(0)) await observer.dispose();
});

async function world() {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock, images: ['busybox'] });
  const observer = new Observer({ engine: fake.engine, clock });
  opened.push(observer);
  const changes: ObserverChange[] = [];
  observer.changes.on((change) => changes.push(change));
  const make = async (name: string, project = 'shop') => {
    const labels = {
      'com.docker.compose.project': project,
      'com.docker.compose.config-hash': 'h',
      'com.docker.compose.service': name,
      'com.docker.compose.container-number': '1',
    };
    const body = { Image: 'busybox', Labels: labels };
    const { id } = await fake.engine.createContainer({ name: `${project}-${name}-1`, body });
    return id;
  };
  const live = async () => {
    observer.start();
    await clock.run(observer.settled());
    await clock.advance(100);
  };
  const states = (project = 'shop') =>
    observer.containers(project).map((container) => `${container.service} ${container.state}`);
  return { clock, fake, observer, changes, make, live, states };
}

test('what is there at the start is known when it is live', async () => {
  const { make, live, observer, states, fake } = await world();
  await make('b');
  await fake.engine.startContainer(await make('a'));
  await live();
  expect(observer.status).toEqual({ type: 'live' });
  expect(states()).toEqual(['a running', 'b created']);
});

test('what happens while it lists is not lost', async () => {
  const { clock, fake, make, observer, states } = await world();
  const a = await make('a');
  const release = fake.faults.hold('listContainers');
  observer.start();
  await clock.advance(10);
  const later = await make('later');
  await fake.engine.startContainer(a);
  await fake.engine.removeContainer(later, { force: true });
  release();
  await clock.run(observer.settled());
  expect(states()).toEqual(['a running']);
});

test('changes are told together, with the projects they are in', async () => {
  const { clock, fake, make, live, changes } = await world();
  await live();
  changes.length = 0;
  await fake.engine.startContainer(await make('a'));
  await fake.engine.startContainer(await make('x', 'other'));
  await clock.advance(100);
  expect(changes.length).toBeLessThanOrEqual(3);
  expect(new Set(changes.flatMap((change) => [...change.projects]))).toEqual(new Set(['shop', 'other']));
});

test('only the container that an event names is asked about', async () => {
  const { clock, fake, make, live } = await world();
  const ids = [await make('a'), await make('b'), await make('c')];
  await live();
  const before = fake.calls.length;
  await fake.engine.startContainer(ids[1] as ContainerId);
  await clock.advance(100);
  const asked = fake.calls.slice(before).filter((call) => call.method === 'inspectContainer');
  expect(new Set(asked.map((call) => call.args[0]))).toEqual(new Set([ids[1]]));
});

test('of a stop its end is told at once, and looked at a moment later', async () => {
  const { clock, fake, make, live, states, observer } = await world();
  const id = await make('a');
  await fake.engine.startContainer(id);
  await live();
  const before = fake.calls.length;
  const looks = () => fake.calls.slice(before).filter((call) => call.method === 'inspectContainer').length;
  await clock.run(fake.engine.stopContainer(id));
  await clock.advance(100);
  expect([states(), looks()]).toEqual([['a exited'], 0]);
  const [told] = observer.containers('shop');
  await clock.advance(3000);
  expect(looks()).toBe(1);
  expect(observer.containers('shop')[0]).toMatchObject({
    exitCode: told?.exitCode,
    ports: told?.ports,
    endedItself: false,
  });
});

test('of a container that is stopped and removed the engine is asked nothing', async () => {
  const { clock, fake, make, live, states } = await world();
  const id = await make('a');
  await fake.engine.startContainer(id);
  await live();
  const before = fake.calls.length;
  await clock.run(fake.engine.stopContainer(id));
  await fake.engine.removeContainer(id);
  await clock.advance(5000);
  expect(states()).toEqual([]);
  expect(fake.calls.slice(before).map(({ method }) => method)).toEqual(['stopContainer', 'removeContainer']);
});

test('an end that nobody asked for is looked at, at once', async () => {
  const { clock, fake, make, live } = await world();
  const id = await make('a');
  await fake.engine.startContainer(id);
  await live();
  const before = fake.calls.length;
  fake.die(id, 1);
  await clock.advance(100);
  expect(fake.calls.slice(before).map(({ method }) => method)).toEqual(['inspectContainer']);
});

test('nothing is asked while nothing happens, probes by exec included', async () => {
  const { clock, fake, make, live } = await world();
  const id = await make('a');
  await fake.engine.startContainer(id);
  await live();
  await fake.engine.exec(id, { command: ['true'] });
  const before = fake.calls.length;
  await clock.advance(3_600_000);
  expect(fake.calls.slice(before)).toEqual([]);
});

test('a removed container goes, even while it is being looked at', async () => {
  const { clock, fake, make, live, states } = await world();
  const id = await make('a');
  await live();
  const release = fake.faults.hold('inspectContainer');
  await fake.engine.startContainer(id);
  await clock.advance(20);
  await fake.engine.removeContainer(id, { force: true });
  release();
  await clock.advance(200);
  expect(states()).toEqual([]);
});

test('a lost engine is a state: what was known stays, and the time is said', async () => {
  const { clock, fake, make, live, observer, states, changes } = await world();
  await make('a');
  await live();
  const since = clock.now();
  fake.goUnreachable();
  await clock.advance(900);
  expect(observer.status).toMatchObject({ type: 'stale', since });
  expect(changes.at(-1)).toMatchObject({ status: { type: 'stale' }, projects: new Set(['shop']) });
  expect(states()).toEqual(['a created']);
});

test('the engine’s return is noticed within two seconds, with what changed meanwhile', async () => {
  const { clock, fake, make, live, observer, states } = await world();
  const a = await make('a');
  await make('b');
  await live();
  fake.goUnreachable();
  await clock.advance(600_000);
  fake.comeBack();
  await fake.engine.removeContainer(a, { force: true });
  await make('c');
  await clock.advance(2_000);
  expect(observer.status).toEqual({ type: 'live' });
  expect(states()).toEqual(['b created', 'c created']);
});

test('a stream that ends cleanly is opened again, and everything listed again', async () => {
  const { clock, fake, make, live, observer, states } = await world();
  await make('a');
  await live();
  fake.dropConnections();
  await make('b');
  await clock.advance(2_000);
  expect(observer.status).toEqual({ type: 'live' });
  expect(states()).toEqual(['a created', 'b created']);
});

test('an end that nobody asked for is told from a stop', async () => {
  const { clock, fake, make, live, observer } = await world();
  const itself = await make('itself');
  const stopped = await make('stopped');
  await live();
  await fake.engine.startContainer(itself);
  await fake.engine.startContainer(stopped);
  fake.die('shop-itself-1', 0);
  await clock.run(fake.engine.stopContainer(stopped));
  await clock.advance(100);
  expect(observer.container(itself)).toMatchObject({ state: 'exited', endedItself: true });
  expect(observer.container(stopped)).toMatchObject({ state: 'exited', endedItself: false });
});

test('a stop of a container that waits for its next start is noticed', async () => {
  const { clock, fake, live, observer } = await world();
  await live();
  fake.script({ name: 'shop-loop-1' }, { exit: { atMs: 10, code: 3 } });
  const labels = {
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': 'loop',
    'com.docker.compose.config-hash': 'h',
  };
  const body = { Image: 'busybox', Labels: labels, HostConfig: { RestartPolicy: { Name: 'always' } } };
  const { id } = await fake.engine.createContainer({ name: 'shop-loop-1', body });
  await fake.engine.startContainer(id);
  await clock.advance(5_000);
  expect(observer.container(id)).toMatchObject({ state: 'restarting' });
  await clock.run(fake.engine.stopContainer(id));
  await clock.advance(100);
  expect(observer.container(id)).toMatchObject({ state: 'exited', endedItself: false });
});

test('a container that is on its way is looked at once, when it has been started', async () => {
  const { clock, fake, make, live, states } = await world();
  await live();
  const looks = () => fake.calls.filter((call) => call.method === 'inspectContainer').length;
  const before = looks();
  const a = await make('a');
  await clock.advance(50);
  expect(looks()).toBe(before);
  await fake.engine.startContainer(a);
  await clock.advance(50);
  expect([looks() - before, ...states()]).toEqual([1, 'a running']);
  await clock.advance(2_000);
  expect(looks() - before).toBe(1);
});

test('a container that is made and not started is shown a moment later, at once where somebody waits', async () => {
  const { clock, make, live, observer, states } = await world();
  await live();
  await make('a');
  await clock.advance(2_100);
  expect(states()).toEqual(['a created']);
  await make('b');
  await clock.run(observer.settled());
  expect(states()).toEqual(['a created', 'b created']);
});
