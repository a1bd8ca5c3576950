import { expect, test } from 'vitest';
import { Throttle } from './throttle.ts';

test('work that is expensive is put off, but never for long', async () => {
  const times: number[] = [];
  let again: () => void = () => undefined;
  const twice = new Promise<void>((resolve) => {
    again = resolve;
  });
  const throttle = new Throttle(() => {
    times.push(performance.now());
    for (const end = performance.now() + 30; performance.now() < end; );
    if (times.length === 1) throttle.schedule();
    else again();
  }, 1);
  throttle.schedule();
  await twice;
  throttle.dispose();
  // Half a percent of the processor would be six seconds.
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeLessThan(2_000);
});
