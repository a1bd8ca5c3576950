import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '#base/clock.ts';
import { AppFailure } from '#contract/errors.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import type { Engine } from '#engine/engine.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { BuildOnce } from './buildOnce.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-once-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Files are read for real meanwhile: nobody could say when to turn a clock on. */
const clock: Clock = { now: () => 1, monotonic: () => 1, sleep: async () => undefined };

function world(engine: Partial<Engine> = {}) {
  const fake = new FakeEngine({ clock, images: ['busybox'] });
  const builds = new BuildOnce({ ...fake.engine, ...engine });
  const heard: BuildView[] = [];
  const said = new Map<string, number>();
  const request = (service: string, target?: string) => ({
    project: {
      name: 'shop',
      workingDir: folder,
      services: {},
      secrets: {},
      environment: {},
      resolvedContent: { secrets: {}, configs: {} },
    },
    service,
    build: { context: folder, dockerfile_inline: 'FROM busybox\n', ...(target ? { target } : {}) },
    image: `shop-${service}`,
    auths: [],
    id: `build of ${service}`,
    now: () => clock.now(),
    onView: (view: BuildView) => void heard.push(view),
    onOutput: () => void said.set(service, (said.get(service) ?? 0) + 1),
  });
  const last = (service: string) => heard.findLast((view) => view.service === service);
  return { fake, builds, request, last, said };
}

test('services with one definition share a build, and each hears of it as its own', async () => {
  const { fake, builds, request, last, said } = world();
  const all = ['api', 'worker'].map((service) => builds.build(request(service)));
  const [api, worker] = await Promise.all(all);
  expect(worker).toBe(api);
  const images = await Promise.all(['shop-api', 'shop-worker'].map((name) => fake.engine.inspectImage(name)));
  expect(images.map((image) => image?.id)).toEqual([api, api]);
  expect(last('api')).toMatchObject({ id: 'build of api', image: 'shop-api', outcome: 'done', imageId: api });
  expect(last('api')).not.toHaveProperty('sharedWith');
  expect(last('worker')).toMatchObject({
    ...{ id: 'build of worker', image: 'shop-worker', outcome: 'done', imageId: api },
    ...{ sharedWith: 'api', steps: last('api')?.steps },
  });
  expect(said.get('worker')).toBe(said.get('api'));
});

test('who comes when the build is over hears of it too', async () => {
  const { builds, request, last } = world();
  await builds.build(request('api'));
  await builds.build(request('worker'));
  expect(last('worker')).toMatchObject({ outcome: 'done', sharedWith: 'api' });
});

test('other definitions have builds of their own', async () => {
  const { builds, request, last } = world();
  await Promise.all([builds.build(request('api')), builds.build(request('worker', 'dev'))]);
  expect(last('worker')).toMatchObject({ outcome: 'done' });
  expect(last('worker')).not.toHaveProperty('sharedWith');
});

test('a shared build that fails has failed for all', async () => {
  const refused = new AppFailure({
    ...{ kind: 'engine.failed', status: 500, transient: false, message: 'no space left on device' },
  });
  const { builds, request, last } = world({ buildImage: () => Promise.reject(refused) });
  const both = ['api', 'worker'].map((service) => builds.build(request(service)));
  for (const build of both) await expect(build).rejects.toBe(refused);
  for (const service of ['api', 'worker'])
    expect(last(service)).toMatchObject({ outcome: 'failed', error: { message: 'no space left on device' } });
});
