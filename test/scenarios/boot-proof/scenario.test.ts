import { test } from 'vitest';
import { scenario } from '../../support/scenario.ts';
import { SeededRandom } from '../../support/seededRandom.ts';
import { proveOneBoot } from './proof.ts';

const stack = scenario(import.meta.dirname, ['busybox:1']);
/** The soak test makes 200 under load. */
const BOOTS = 5;

const random = new SeededRandom();

test(`no service must start before what it waits for is ready, by the containers’ own clock (SEED=${random.seed})`, async () => {
  for (let boot = 0; boot < BOOTS; boot++) await proveOneBoot(stack, random);
});
