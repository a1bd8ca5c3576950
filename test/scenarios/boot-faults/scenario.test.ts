import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { canRunPrivateEngine } from '#support/privateEngine/privateEngine.ts';
import { scenario } from '../../support/scenario.ts';
import { SeededRandom } from '../../support/seededRandom.ts';
import { needImages } from '../../support/world.ts';
import { bootWithKilledApp } from './appKilled.ts';
import { bootAmongCrashLoops } from './crashLoops.ts';
import { bootOnFullDisk } from './diskFull.ts';
import { bootWithKilledEngine } from './engineKilled.ts';
import { openPrivateStack } from './privateStack.ts';
import { bootWithCutPull, bytesOfPull, CuttingRegistry } from './registryCut.ts';
import { markVolume } from './whole.ts';

/** Small samples; test/soak/boot makes twenty of each. */
const CUT = path.join(import.meta.dirname, '../boot-cut');
const random = new SeededRandom();
const stack = scenario(CUT, ['busybox:1']);
const looping = scenario(path.join(import.meta.dirname, 'looping'), ['busybox:1']);

beforeAll(() => needImages('busybox:1'));

test(`an app that is killed in the middle of a boot must leave what the next one finishes (SEED=${random.seed})`, async () => {
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  await markVolume(stack);
  await bootWithKilledApp(stack, random);
});

test('containers that crash in a loop must be named, and leave the rest alone', async () => {
  await bootAmongCrashLoops(looping, 5);
});

describe.runIf(canRunPrivateEngine() === 'yes')('on an engine of its own', () => {
  test(`a boot on a full disk must say so, and the next one finish it (SEED=${random.seed})`, async () => {
    await using own = await openPrivateStack({
      folder: CUT,
      images: ['busybox:1'],
      engine: { diskMiB: 96 },
    });
    expect(await (await own.stack.open()).boot()).toEqual({ outcome: 'done' });
    await markVolume(own.stack);
    await bootOnFullDisk(own, random);
    // The same engine, so that a sample costs one start of it.
    await bootWithKilledEngine(own, random);
  });

  test(`a pull that breaks off must be gone on with, at once or by the next boot (SEED=${random.seed})`, async () => {
    const registry = new CuttingRegistry();
    await using own = await openPrivateStack({
      folder: path.join(import.meta.dirname, 'pulled'),
      images: [],
      engine: { mirror: registry.serve },
    });
    const pullBytes = await bytesOfPull(own, registry);
    await bootWithCutPull(own, { registry, pullBytes, random, mostRefused: 0 });
  });
});
