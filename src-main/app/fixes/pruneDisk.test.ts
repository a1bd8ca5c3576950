import { expect, test } from 'vitest';
import { FakeClock } from '#support/fakeClock.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { projectOf } from '#support/planWorld.ts';
import type { FixContext } from './fixContext.ts';
import { pruneDisk } from './pruneDisk.ts';

const ASKED = { service: 'a', argument: '', values: {}, consents: [] as string[] };

async function world(services = 'a: {image: "wanted:1"}', more: readonly string[] = []) {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock, images: ['wanted:1', 'used:1', 'idle:1', ...more] });
  await fake.engine.createContainer({ name: 'other', body: { Image: 'used:1' } });
  const project = await projectOf(`{name: shop, services: {${services}}}`);
  const context = {
    source: { require: () => project },
    engine: () => fake.engine,
    clock,
  } as unknown as FixContext;
  const tags = async () => (await fake.engine.listImages()).flatMap((image) => image.tags).sort();
  return { context, tags };
}

test('only what nobody uses goes, and only when it was named and agreed to', async () => {
  const { context, tags } = await world();
  await expect(pruneDisk(context, ASKED)).rejects.toMatchObject({
    error: { kind: 'data.consentRequired', missing: ['idle:1'] },
  });
  expect(await tags()).toEqual(['idle:1', 'used:1', 'wanted:1']);
  await pruneDisk(context, { ...ASKED, consents: ['idle:1'] });
  expect(await tags()).toEqual(['used:1', 'wanted:1']);
});

test('where nothing is unused that is said', async () => {
  const { context } = await world();
  await pruneDisk(context, { ...ASKED, consents: ['idle:1'] });
  await expect(pruneDisk(context, ASKED)).rejects.toMatchObject({ error: { kind: 'notFound' } });
});

test('what the project has built, and what it spells in another way, stays', async () => {
  const pinned = new FakeEngine({ clock: new FakeClock(), images: ['pinned:1'] });
  const [digest] = (await pinned.engine.listImages()).flatMap((image) => image.digests);
  const services = [
    'built: {build: .}',
    'long: {image: "docker.io/library/postgres:15"}',
    'short: {image: redis}',
    `fixed: {image: "${digest?.replace('@', ':1@')}"}`,
    'mounts: {image: "wanted:1", volumes: [{type: image, source: "mounted:1", target: /m}]}',
    'other: {image: "profiled:1", profiles: [x]}',
  ].join(', ');
  const images = ['shop-built', 'postgres:15', 'redis', 'pinned:1', 'mounted:1', 'profiled:1'];
  const { context } = await world(services, images);
  await expect(pruneDisk(context, ASKED)).rejects.toMatchObject({
    error: { kind: 'data.consentRequired', missing: ['idle:1'] },
  });
});
