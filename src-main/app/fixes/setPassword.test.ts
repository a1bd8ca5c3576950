import { expect, test } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { LABELS } from '#compose/labels.ts';
import type { AppError } from '#contract/errors.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { projectOf } from '#support/planWorld.ts';
import type { FixContext } from './fixContext.ts';
import { setPassword } from './setPassword.ts';

const ASKED = { service: 'api', argument: 'db/root', values: {}, consents: [] as string[] };
const BROKEN: AppError = { kind: 'engine.failed', status: 500, transient: false, message: 'It broke.' };
const PROJECT = `
name: shop
services:
  api: { image: api, environment: { DATABASE_URL: "mysql://root:new@db/shop" } }
  db: { image: "mariadb:11", environment: { MARIADB_ROOT_PASSWORD: new } }
`;

/** A server that runs and refuses to be told while it does. */
async function world() {
  const fake = new FakeEngine({ clock: systemClock, images: ['mariadb:11'] });
  fake.onExec(() => ({ exitCode: 2, stderr: 'password authentication failed' }));
  const project = await projectOf(PROJECT);
  const { engine } = fake;
  const Labels = { [LABELS.project]: 'shop', [LABELS.service]: 'db' };
  const { id } = await engine.createContainer({ name: 'shop-db-1', body: { Image: 'mariadb:11', Labels } });
  await engine.startContainer(id);
  fake.script({ name: 'shop-db-1-password' }, { exit: { code: 0, atMs: 5 } });
  const context = { source: { require: () => project }, engine: () => engine } as unknown as FixContext;
  const running = async () => (await engine.inspectContainer(id)).state;
  const names = async () => (await engine.listContainers({ all: true })).map(({ name }) => name);
  return { fake, context, running, names };
}

test('the server comes back after its password was set', async () => {
  const { context, running, names } = await world();
  await setPassword(context, ASKED);
  expect(await running()).toBe('running');
  expect(await names()).toEqual(['shop-db-1']);
});

test('the server comes back where the container for it cannot be made or removed', async () => {
  for (const method of ['createContainer', 'removeContainer'] as const) {
    const { fake, context, running } = await world();
    fake.faults.failNext(method, BROKEN);
    await expect(setPassword(context, ASKED)).rejects.toMatchObject({ error: BROKEN });
    expect(await running()).toBe('running');
  }
});

test('what a Slipway that was killed at it has left is in the way of nobody', async () => {
  const { fake, context, running, names } = await world();
  fake.faults.failNext('removeContainer', BROKEN);
  await expect(setPassword(context, ASKED)).rejects.toMatchObject({ error: BROKEN });
  expect(await names()).toContain('shop-db-1-password');
  await setPassword(context, ASKED);
  expect(await running()).toBe('running');
  expect(await names()).toEqual(['shop-db-1']);
});
