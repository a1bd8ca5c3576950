import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.ts';

const stack = scenario(import.meta.dirname, ['postgres:15', 'redis:7.0', 'nginx:1.26']);

// Each life of the stack takes a Postgres that is set up from nothing: what can be asked of one is asked of one.
test('three levels must be ready as soon as their services are, and nothing start before what it waits for', async () => {
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
  const migrate = await stack.inspect('migrate');
  const passed = run
    .told('stepProbe')
    .find((event) => event.container === db.id && event.result.exitCode === 0);
  expect(migrate.startedAt).toBeGreaterThanOrEqual(passed?.at ?? Number.POSITIVE_INFINITY);
  expect(web.startedAt).toBeGreaterThanOrEqual(migrate.finishedAt ?? Number.POSITIVE_INFINITY);
});

test('a second boot must change nothing, one after a stop start what was stopped, a down leave the data alone', async () => {
  const run = await stack.open();
  await run.boot();
  const before = await stack.inspect('migrate');
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect((await stack.inspect('migrate')).startedAt).toBe(before.startedAt);
  expect(await stack.bootText()).not.toMatch(/create|start|stop|remove/);

  expect(await run.stop()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(['cache-1 exited', 'db-1 exited', 'migrate-1 exited', 'web-1 exited']);
  expect(await run.boot()).toEqual({ outcome: 'done' });
  expect(await stack.exec('db', 'psql', '-U', 'postgres', '-tAc', 'select count(*) from orders')).toBe('0\n');

  expect(await run.down()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual([]);
  const volumes = await stack.engine.listVolumes({ names: [`${stack.name}_data`] });
  expect(volumes.map((volume) => volume.name)).toEqual([`${stack.name}_data`]);
  expect(await stack.engine.listNetworks({ names: [`${stack.name}_default`] })).toEqual([]);
});
