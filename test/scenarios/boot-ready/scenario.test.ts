import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.ts';

const stack = scenario(import.meta.dirname, ['postgres:15', 'redis:7.0', 'nginx:1.26']);

test('a stack of three levels must be ready as soon as its services are', async () => {
  const run = await stack.open();
  expect(await run.boot()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual([
    'cache-1 running',
    'db-1 running',
    'migrate-1 exited',
    'web-1 running',
  ]);
  // The last of three levels runs before the engine has looked at the first of them even once.
  const [db, web] = [await stack.inspect('db'), await stack.inspect('web')];
  expect(web.startedAt).toBeLessThan(db.healthLog[0]?.start ?? Number.POSITIVE_INFINITY);
});

test('nothing must start before what it waits for is ready', async () => {
  const run = await stack.open();
  expect(await run.boot()).toEqual({ outcome: 'done' });
  const [db, migrate, web] = await Promise.all(['db', 'migrate', 'web'].map((name) => stack.inspect(name)));
  const passed = run
    .told('stepProbe')
    .find((event) => event.container === db?.id && event.result.exitCode === 0);
  expect(migrate?.startedAt).toBeGreaterThanOrEqual(passed?.at ?? Number.POSITIVE_INFINITY);
  expect(web?.startedAt).toBeGreaterThanOrEqual(migrate?.finishedAt ?? Number.POSITIVE_INFINITY);
});

test('a second boot must change nothing and run no migration again', async () => {
  await (await stack.open()).boot();
  const before = await stack.inspect('migrate');
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect((await stack.inspect('migrate')).startedAt).toBe(before.startedAt);
  expect(await stack.bootText()).not.toMatch(/create|start|stop|remove/);
});

test('after a stop a boot must start what was stopped, with its data', async () => {
  const run = await stack.open();
  await run.boot();
  expect(await run.stop()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(['cache-1 exited', 'db-1 exited', 'migrate-1 exited', 'web-1 exited']);
  expect(await run.boot()).toEqual({ outcome: 'done' });
  expect(await stack.exec('db', 'psql', '-U', 'postgres', '-tAc', 'select count(*) from orders')).toBe('0\n');
});

test('a down must leave no container and no network, and the data', async () => {
  const run = await stack.open();
  await run.boot();
  expect(await run.down()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual([]);
  const volumes = await stack.engine.listVolumes({ names: [`${stack.name}_data`] });
  expect(volumes.map((volume) => volume.name)).toEqual([`${stack.name}_data`]);
  expect(await stack.engine.listNetworks({ names: [`${stack.name}_default`] })).toEqual([]);
});
