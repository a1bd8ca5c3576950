import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { canRunPrivateEngine } from '#support/privateEngine/privateEngine.ts';
import { bootTogether } from '../../scenarios/boot-cut/together.ts';
import { bootWithKilledApp } from '../../scenarios/boot-faults/appKilled.ts';
import { bootAmongCrashLoops } from '../../scenarios/boot-faults/crashLoops.ts';
import { bootOnFullDisk } from '../../scenarios/boot-faults/diskFull.ts';
import { bootWithKilledEngine } from '../../scenarios/boot-faults/engineKilled.ts';
import { openPrivateStack } from '../../scenarios/boot-faults/privateStack.ts';
import { bootWithCutPull, bytesOfPull, CuttingRegistry } from '../../scenarios/boot-faults/registryCut.ts';
import { markVolume } from '../../scenarios/boot-faults/whole.ts';
import { scenario } from '../../support/scenario.ts';
import { SeededRandom } from '../../support/seededRandom.ts';
import { needImages } from '../../support/world.ts';

const SCENARIOS = path.join(import.meta.dirname, '../../scenarios');
const CUT = path.join(SCENARIOS, 'boot-cut');
const TIMES = Number(process.env['TIMES'] ?? 20);
const LOOPS = Number(process.env['LOOPS'] ?? 100);
const random = new SeededRandom();
const stack = scenario(CUT, ['busybox:1']);
const looping = scenario(path.join(SCENARIOS, 'boot-faults/looping'), ['busybox:1']);

beforeAll(() => needImages('busybox:1'));

/** What became of the boots, so that a run tells whether it hit what it was to hit. */
async function tally(work: () => Promise<string>): Promise<void> {
  const counts = new Map<string, number>();
  for (let time = 0; time < TIMES; time++) {
    const outcome = await work();
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  process.stderr.write(`${[...counts].map(([outcome, count]) => `${outcome}: ${count}`).join(', ')}\n`);
}

test(`the app is killed at ${TIMES} random moments of a boot (SEED=${random.seed})`, async () => {
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  await markVolume(stack);
  await tally(() => bootWithKilledApp(stack, random));
});

test(`two Slipways and docker compose boot one project at once, ${TIMES} times (SEED=${random.seed})`, async () => {
  for (let time = 0; time < TIMES; time++) await bootTogether(stack, random);
});

test(`${LOOPS} containers crash in a loop`, async () => {
  await bootAmongCrashLoops(looping, LOOPS);
});

describe.runIf(canRunPrivateEngine() === 'yes')('on an engine of its own', () => {
  test(`the engine is killed at ${TIMES} random moments of a boot (SEED=${random.seed})`, async () => {
    await using own = await openPrivateStack({ folder: CUT, images: ['busybox:1'] });
    expect(await (await own.stack.open()).boot()).toEqual({ outcome: 'done' });
    await markVolume(own.stack);
    await tally(() => bootWithKilledEngine(own, random));
  });

  test(`the disk is full for ${TIMES} boots (SEED=${random.seed})`, async () => {
    await using own = await openPrivateStack({
      folder: CUT,
      images: ['busybox:1'],
      engine: { diskMiB: 96 },
    });
    expect(await (await own.stack.open()).boot()).toEqual({ outcome: 'done' });
    await markVolume(own.stack);
    await tally(() => bootOnFullDisk(own, random));
  });

  test(`the registry drops its connections at ${TIMES} random bytes of a pull (SEED=${random.seed})`, async () => {
    const registry = new CuttingRegistry();
    await using own = await openPrivateStack({
      folder: path.join(SCENARIOS, 'boot-faults/pulled'),
      images: [],
      engine: { mirror: registry.serve },
    });
    const pullBytes = await bytesOfPull(own, registry);
    await tally(() => bootWithCutPull(own, { registry, pullBytes, random, mostRefused: 8 }));
  });
});
