import { test } from 'vitest';
import { scenario } from '../../support/scenario.ts';
import { SeededRandom } from '../../support/seededRandom.ts';
import { bootCutAfter } from './cutBoot.ts';
import { bootTogether } from './together.ts';

const stack = scenario(import.meta.dirname, ['busybox:1']);
const random = new SeededRandom();
/** A whole boot of this stack tells about 45 events; the soak test makes 20 such cuts. */
const MOMENTS = [1, 5 + random.below(10), 15 + random.below(25)];

for (const moment of MOMENTS)
  test(`a boot whose engine breaks off after ${moment} events must be finished, by itself or by the next`, async () => {
    await bootCutAfter(stack, moment);
  });

test(`two boots and docker compose at once must make one stack (SEED=${random.seed})`, async () => {
  await bootTogether(stack, random);
});
