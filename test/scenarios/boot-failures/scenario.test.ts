import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { AppError } from '#contract/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/freePort.ts';
import { scenario } from '../../support/scenario.ts';

const stack = scenario(import.meta.dirname, ['busybox']);
const SLEEP = 'command: [sleep, "1000"]';
const CHECK = 'healthcheck: { test: [CMD, pidof, sleep] }';
/** Changes the broken service only: it stands first. */
const broken = (words: string) => (yaml: string) => yaml.replace(SLEEP, words);

/** Boots a stack whose first service is broken, proves that the rest runs, mends it and boots again. */
async function failsWith(change: string | ((yaml: string) => string)): Promise<AppError> {
  const broke = typeof change === 'string' ? broken(change) : change;
  const result = await (await stack.open(broke)).boot();
  expect((await stack.states()).filter((state) => state.startsWith('other'))).toEqual(['other-1 running']);
  expect(await (await stack.open()).boot(), 'it boots after the fix').toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(['broken-1 running', 'other-1 running', 'waiting-1 running']);
  if (result.outcome !== 'failed') throw new Error(`the boot ended as ${result.outcome}`);
  expect(result.failures.map((failure) => failure.service)).toEqual(['broken']);
  return result.failures[0]?.error as AppError;
}

test('a service that ends at once must be told with its exit code', async () => {
  expect(await failsWith('command: [sh, -c, exit 3]')).toMatchObject({
    kind: 'dependency.exited',
    exitCode: 3,
  });
});

test('a command that is not there must be told with its name', async () => {
  const error = await failsWith('command: [no-such-command]');
  expect(error.message).toContain('no-such-command');
});

test('an image that is nowhere must be told with its name', async () => {
  const error = await failsWith((yaml) =>
    yaml.replace('image: busybox', 'image: 127.0.0.1:1/nothing/here:1'),
  );
  expect(error).toMatchObject({ kind: 'registry.unreachable', registry: '127.0.0.1:1' });
});

test('a port that is taken must be told with its number', async () => {
  const server = createServer();
  const port = await freePort();
  await once(server.listen(port, '0.0.0.0'), 'listening');
  try {
    const result = await (await stack.open(broken(`${SLEEP}\n    ports: ["${port}:80"]`))).boot();
    expect(result).toMatchObject({ failures: [{ service: 'broken', error: { kind: 'port.inUse', port } }] });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await (await stack.open(broken(`${SLEEP}\n    ports: ["${port}:80"]`))).boot()).toEqual({
    outcome: 'done',
  });
});

test('a bind source that may not be made must be told with its path', async () => {
  const mount = `${SLEEP}\n    volumes: [{type: bind, source: /no/such/folder, target: /x, bind: {create_host_path: false}}]`;
  expect(await failsWith(mount)).toMatchObject({ kind: 'path.missing', path: '/no/such/folder' });
});

test('a check that fails must be told with what it printed', async () => {
  const check = `${SLEEP}\n    healthcheck: {test: [CMD-SHELL, "echo no luck; exit 1"], interval: 300ms, retries: 2}`;
  const result = await (await stack.open((yaml) => broken(check)(yaml).replace(CHECK, ''))).boot();
  expect(result).toMatchObject({
    failures: [
      { error: { kind: 'dependency.unhealthy', health: { output: expect.stringContaining('no luck') } } },
    ],
  });
});

test('a boot that is cancelled must be finished by the next one', async () => {
  const never = 'healthcheck: { test: [CMD, "false"] }';
  const run = await stack.open((yaml) => yaml.replace(CHECK, never));
  const booting = run.boot();
  await eventually(() => run.told('stepProbe').length > 0, { limitMs: 60_000 });
  run.cancel();
  expect(await booting).toEqual({ outcome: 'cancelled' });
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual(['broken-1 running', 'other-1 running', 'waiting-1 running']);
});

test('two boots at once must make one stack', async () => {
  const [one, two] = [await stack.open(), await stack.open()];
  const outcomes = await Promise.all([one.boot(), two.boot()]);
  expect(outcomes).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
  expect(await stack.states()).toEqual(['broken-1 running', 'other-1 running', 'waiting-1 running']);
  const networks = await stack.engine.listNetworks({ names: [`${stack.name}_default`] });
  expect(networks).toHaveLength(1);
});
