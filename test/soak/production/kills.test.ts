import { afterAll, beforeAll, expect, it } from 'vitest';
import { coreStacks } from '#support/coreStack.ts';
import { SeededRandom } from '#support/seededRandom.ts';
import { needImages } from '#support/world.ts';
import { configuration, killAndReturn } from '../../engine/production/killedSwap.ts';
import { Releases } from '../../engine/production/releases.ts';

/** How often a swap or the way back is killed; SLIPWAY_KILLS=5 for a short look. */
const KILLS = Number(process.env['SLIPWAY_KILLS'] ?? 50);
/** SEED=… runs the same moments again. */
const random = new SeededRandom();
/** Longer than a whole swap takes, so that some kills come after its end. */
const LONGEST_MS = 4_000;

let releases: Releases;
const open = coreStacks();

beforeAll(async () => {
  await needImages('busybox:1');
  releases = await Releases.publish(['2']);
});
afterAll(() => releases.dispose());

it(`survives ${KILLS} kills in the pull and in the swap (seed ${random.seed})`, async () => {
  const stack = await open(releases.source);
  expect(await stack.boot()).toEqual({ type: 'done' });
  const before = await configuration(stack);
  const left = new Set<string>();
  for (let index = 0; index < KILLS; index++) {
    const of = random.below(100) < 65 ? 'swap' : 'unswap';
    const kill = { of, afterMs: Math.floor((random.below(1000) / 1000) ** 2 * LONGEST_MS) } as const;
    left.add(await killAndReturn({ stack, releases, before }, kill));
  }
  // Kills at such moments leave both: else the moments prove nothing.
  if (KILLS >= 20) expect([...left].sort()).toEqual(['local', 'production']);
});
