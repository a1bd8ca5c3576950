import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTicker } from './ticker.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How often it is looked within these seconds, where the words change as `words` says. */
function looksWithin(seconds: number, words: (now: number) => string): number {
  const start = Date.now();
  const ticker = createTicker({ everyMs: 1_000, restMs: 5_000 });
  let said = words(0);
  let looks = 0;
  const end = ticker.subscribe(() => {
    looks += 1;
    const now = words(ticker.now() - start);
    if (now !== said) ticker.moved();
    said = now;
  });
  vi.advanceTimersByTime(seconds * 1_000);
  end();
  expect(vi.getTimerCount()).toBe(0);
  return looks;
}

test('seconds are counted every second', () => {
  expect(looksWithin(60, (now) => `${Math.floor(now / 1_000)} s`)).toBe(60);
});

test('words that stand still are looked at seldom, and a turn of the minute is seen soon', () => {
  expect(looksWithin(63, () => 'always')).toBe(15);
  const minutes = (now: number) => `${Math.floor(now / 60_000)} min`;
  expect(looksWithin(300, minutes)).toBeLessThan(80);
});

test('what begins to count after a rest is counted from its first second', () => {
  const ticker = createTicker({ everyMs: 1_000, restMs: 5_000 });
  const ends = [ticker.subscribe(() => undefined)];
  vi.advanceTimersByTime(20_500);
  const looked = vi.fn();
  ends.push(ticker.subscribe(looked));
  vi.advanceTimersByTime(1_000);
  expect(looked).toHaveBeenCalledTimes(1);
  for (const end of ends) end();
});
