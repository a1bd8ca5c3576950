import { expect, test } from 'vitest';
import { FakeClock } from '#support/fakeClock.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { projectOf } from '#support/planWorld.ts';
import type { FixContext } from './fixContext.ts';
import { pruneDisk } from './pruneDisk.ts';

const ASKED = { service: 'a', argument: '', values: {}, consents: [] as string[] };

async function world() {
  const clock = new FakeClock();
  const fake = new FakeEngine({ clock, images: ['wanted:1', 'used:1', 'idle:1'] });
  await fake.engine.createContainer({ name: 'other', body: { Image: 'used:1' } });
  const project = await projectOf('{name: shop, services: {a: {image: "wanted:1"}}}');
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
