import { beforeEach, expect, test, vi } from 'vitest';
import { FakeClock } from '#support/fakeClock.ts';
import { EngineLimit } from './engineLimit.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

function limitOf(processors: number | undefined, { calls = 400, sparing = true } = {}) {
  const onFree = vi.fn();
  return { limit: new EngineLimit({ clock, processors, sparing, calls, onFree }), onFree };
}

/** Takes what there is; what ends the calls. */
function takeAll(limit: EngineLimit): (() => void)[] {
  const ends: (() => void)[] = [];
  while (limit.free) ends.push(limit.take());
  return ends;
}

test.each([
  [undefined, 400, true, 4],
  [1, 400, true, 2],
  [2, 400, true, 4],
  [2, 400, false, 8],
  [8, 400, true, 16],
  [8, 400, false, 32],
  [128, 400, true, 48],
  [undefined, 40, true, 8],
  [2, 40, true, 8],
  [1, 40, false, 8],
  [2, 40, false, 8],
  [8, 40, true, 16],
])(
  'an engine of %s processors is given, of %i calls (sparing: %s), %i at once',
  (processors, calls, sparing, atOnce) => {
    const { limit } = limitOf(processors, { calls, sparing });
    const ends = takeAll(limit);
    expect(ends).toHaveLength(atOnce);
    for (const end of ends) end();
    expect(takeAll(limit)).toHaveLength(atOnce);
  },
);

test('a call that takes long gives its place to another, and does not free it twice', async () => {
  const { limit, onFree } = limitOf(2);
  const slow = takeAll(limit);
  await clock.advance(4_900);
  expect(onFree).not.toHaveBeenCalled();
  await clock.advance(200);
  expect(onFree).toHaveBeenCalledTimes(4);
  const others = takeAll(limit);
  expect(others).toHaveLength(4);
  for (const end of slow) end();
  expect(limit.free).toBe(false);
});

test('however long calls take, there are not more than an engine can bear', async () => {
  const { limit } = limitOf(2);
  let begun = 0;
  for (let round = 0; round < 20; round++) {
    begun += takeAll(limit).length;
    await clock.advance(5_100);
  }
  expect(begun).toBe(48);
});

test('an engine that falls over itself is given half, and the rest again while all goes well', () => {
  const { limit } = limitOf(8);
  limit.backOff();
  const ends = takeAll(limit);
  expect(ends).toHaveLength(8);
  for (const end of ends) end();
  expect(takeAll(limit)).toHaveLength(9);
  const { limit: small } = limitOf(2);
  for (let times = 0; times < 10; times++) small.backOff();
  expect(takeAll(small)).toHaveLength(2);
});

test('a call that has ended leaves nothing behind', async () => {
  const { limit, onFree } = limitOf(2);
  for (const end of takeAll(limit)) end();
  expect(clock.sleeping).toBe(0);
  await clock.advance(10_000);
  expect(onFree).not.toHaveBeenCalled();
});
