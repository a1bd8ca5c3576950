import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.ts';
import { SeededRandom } from '../../support/seededRandom.ts';
import { bootCutAfter } from './cutBoot.ts';

const stack = scenario(import.meta.dirname, ['busybox:1']);
const random = new SeededRandom();
/** A whole boot of this stack tells about 45 events; the soak test makes 20 such cuts. */
const MOMENTS = [1, 5 + random.below(10), 15 + random.below(25)];

for (const moment of MOMENTS)
  test(`a boot whose engine breaks off after ${moment} events must be finished, by itself or by the next`, async () => {
    await bootCutAfter(stack, moment);
  });

test('two boots and docker compose at once must make one stack', async () => {
  const [one, two] = [await stack.open(), await stack.open()];
  const [mine, theirs] = await Promise.all([
    one.boot(),
    two.boot(),
    stack.compose('up', '-d').catch(() => ''),
  ]);
  expect([mine.outcome, theirs.outcome]).not.toContain('cancelled');
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  expect(await stack.states()).toEqual([
    'api-1 running',
    'data-1 running',
    'fill-1 exited',
    'site-1 running',
  ]);
});
