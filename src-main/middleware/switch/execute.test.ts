import { expect, test } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { overriddenImage, overrideService, overrideVolume, serviceSection } from '#compose/override.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { projectOf } from '#support/planWorld.ts';
import type { VersionSwitch } from './decide.ts';
import { runSwitch } from './execute.ts';
import type { SwitchWorld } from './world.ts';

const DECISION: VersionSwitch = {
  service: 'cache',
  product: 'redis',
  fromImage: 'redis:7.0',
  toImage: 'redis:7.2',
  fromLane: '7.0',
  toLane: '7.2',
  data: 'fresh',
  source: { type: 'volume', source: 'shop_cache', target: '/data' },
  target: { type: 'volume', source: 'shop_cache-7.2', target: '/data' },
  mounts: { how: 'merge', mounts: [{ type: 'volume', source: 'cache-7-2', target: '/data' }] },
  volumeKey: 'cache-7-2',
  choices: [],
};

type Moment = 'choosing' | 'booting';

/** A switch during which a memory limit is set, and that fails where it is told to. */
async function switched({ limitAt, fails }: { readonly limitAt: Moment; readonly fails: Moment | 'never' }) {
  const fake = new FakeEngine({ clock: systemClock, images: ['redis:7.0', 'redis:7.2'] });
  const project = await projectOf('{name: shop, services: {cache: {image: "redis:7.0"}, api: {image: a}}}');
  let override = overrideVolume(undefined, 'kept', 'other');
  const before = override;
  const texts = new Map<string, string | undefined>();
  const reaches = (moment: Moment) => {
    const attributes = { mem_limit: { how: 'merge', value: '1g' } } as const;
    if (moment === limitAt)
      for (const service of ['api', 'cache']) override = overrideService(override, service, { attributes });
    if (moment === fails) throw new Error('It failed.');
  };
  const world: SwitchWorld = {
    engine: fake.engine,
    apiVersion: '1.41',
    clock: systemClock,
    newId: () => 'id',
    project,
    files: {
      readOverride: async () => override,
      writeOverride: async (text) => {
        override = text;
      },
      readLanes: async () => texts.get('lanes'),
      writeLanes: async (text) => void texts.set('lanes', text),
      readJournal: async () => texts.get('journal'),
      beginJournal: async (_, text) => {
        texts.set('journal', text);
        return true;
      },
      writeJournal: async (_, text) => void texts.set('journal', text),
    },
    loadWith: async () => project,
    ensureImage: async () => undefined,
    bootService: async () => {
      reaches('booting');
      return { answered: true };
    },
    onStep: ({ step, status }) => {
      if (step === 'commit' && status === 'running') reaches('choosing');
    },
  };
  const owner = { pid: 1, began: '' };
  const thrown = await runSwitch(world, { decision: DECISION, owner }).catch((failure: unknown) => failure);
  expect(thrown === undefined).toBe(fails === 'never');
  return { before, override };
}

const LIMIT = 'mem_limit: 1g\n';

test('a limit that is set during a switch stays when the switch is done', async () => {
  const { override } = await switched({ limitAt: 'choosing', fails: 'never' });
  expect(overriddenImage(override, 'cache')).toBe('redis:7.2');
  expect(serviceSection(override, 'cache')).toContain(LIMIT);
  expect(serviceSection(override, 'api')).toBe(LIMIT);
});

test('a limit that is set during a switch stays when the switch fails, and the choice goes', async () => {
  const ways = [
    { limitAt: 'choosing', fails: 'choosing' },
    { limitAt: 'choosing', fails: 'booting' },
    { limitAt: 'booting', fails: 'booting' },
  ] as const;
  for (const way of ways) {
    const { before, override } = await switched(way);
    expect(serviceSection(override, 'cache')).toBe(LIMIT);
    expect(serviceSection(override, 'api')).toBe(LIMIT);
    const bare = ['api', 'cache'].reduce<string | undefined>(
      (text, service) => overrideService(text, service, { attributes: { mem_limit: null } }),
      override,
    );
    expect(bare).toBe(before);
  }
});
