import path from 'node:path';
import { test } from 'vitest';
import { bootCutAfter } from '../../scenarios/boot-cut/cutBoot.ts';
import { scenario } from '../../support/scenario.ts';
import { SeededRandom } from '../../support/seededRandom.ts';

const stack = scenario(path.join(import.meta.dirname, '../../scenarios/boot-cut'), ['busybox:1']);
const CUTS = Number(process.env['CUTS'] ?? 20);
/** About what a whole boot tells, so that every moment may be hit. */
const EVENTS = 45;
const random = new SeededRandom();

test(`${CUTS} boots whose engine breaks off at random moments (SEED=${random.seed})`, async () => {
  for (let cut = 0; cut < CUTS; cut++) await bootCutAfter(stack, 1 + random.below(EVENTS));
});
