import { expect } from 'vitest';
import type { Stack } from '../../support/scenario.ts';
import type { SeededRandom } from '../../support/seededRandom.ts';

const DEPENDS: readonly (readonly [dependent: string, dependency: string])[] = [
  ['second', 'first'],
  ['second', 'beside'],
  ['third', 'second'],
];
const SLOWEST_MS = 900;

/** Boots once, each service taking another random time, and compares what the containers themselves wrote down. */
export async function proveOneBoot(stack: Stack, random: SeededRandom): Promise<void> {
  const slow = (yaml: string) =>
    yaml.replaceAll(/SLOW: "[\d.]+"/g, () => `SLOW: "${(random.below(SLOWEST_MS) / 1000).toFixed(3)}"`);
  const run = await stack.open(slow);
  expect(await run.boot()).toEqual({ outcome: 'done' });
  for (const [dependent, dependency] of DEPENDS) {
    const started = await secondsIn(stack, dependent, '/started');
    const ready = await secondsIn(stack, dependency, '/ready');
    expect(started, `${dependent} was started before ${dependency} was ready`).toBeGreaterThanOrEqual(ready);
  }
  // What has just proven itself ready is ready: the last one's own mark is there when the boot ends.
  expect(await secondsIn(stack, 'third', '/ready')).toBeGreaterThan(0);
  expect(await run.down()).toEqual({ outcome: 'done' });
}

/** The first figure of a copy of /proc/uptime: seconds since the machine started, hundredths. */
async function secondsIn(stack: Stack, service: string, file: string): Promise<number> {
  return Number((await stack.exec(service, 'cat', file)).split(' ')[0]);
}
