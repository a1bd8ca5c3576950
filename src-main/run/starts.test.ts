import { expect, test } from 'vitest';
import { deferred } from '#base/deferred.ts';
import type { ContainerId } from '#contract/ids.ts';
import { Starts } from './starts.ts';

const [a, b] = ['a', 'b'] as unknown as readonly [ContainerId, ContainerId];

function starts() {
  let ms = 0;
  const clock = { now: () => ms, monotonic: () => ms, sleep: async () => undefined };
  const pass = (span: number) => {
    ms += span;
  };
  return { pass, starts: new Starts(clock) };
}

test('a start shows how busy the machine is, for as long as others make it so', async () => {
  const { pass, starts: known } = starts();
  const [first, second] = [deferred<void>(), deferred<void>()];
  const began = [known.measure(a, () => first.promise), known.measure(b, () => second.promise)];
  pass(1_000);
  second.resolve();
  await began[1];
  expect(known.takesMs(b)).toBe(1_000);
  expect(known.takesMs(a)).toBeUndefined();
  pass(200);
  first.resolve();
  await began[0];
  // Nothing is being started any more: what it took beside another was half of the machine's time.
  expect([known.takesMs(a), known.takesMs(b)]).toEqual([1_200, 500]);
});

test('a start that failed is not known, and no longer under way', async () => {
  const { starts: known } = starts();
  await expect(known.measure(a, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(known.takesMs(a)).toBeUndefined();
});
