import { expect, test } from 'vitest';
import { FakeClock } from './fakeClock.ts';

test('wakes sleepers in order, each with what came before it settled', async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms);
    seen.push(`${name} at ${clock.monotonic()}`);
    if (name === 'b') await clock.sleep(5).then(() => seen.push(`b again at ${clock.monotonic()}`));
  };
  void sleeper('a', 30);
  void sleeper('b', 10);
  await clock.advance(20);
  expect(seen).toEqual(['b at 10', 'b again at 15']);
  await clock.advance(20);
  expect(seen.at(-1)).toBe('a at 30');
  expect(clock.monotonic()).toBe(40);
  expect(clock.sleeping).toBe(0);
});

test('run goes as far as the work needs, and no further', async () => {
  const clock = new FakeClock();
  await clock.run(clock.sleep(60_000));
  expect(clock.monotonic()).toBe(60_000);
  await expect(clock.run(clock.sleep(60_000), 1000)).rejects.toThrow('not done after 1000 ms');
  await expect(new FakeClock().run(new Promise(() => undefined))).rejects.toThrow('wait for ever');
});

test('an abort wakes its sleeper with the reason', async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const sleeping = clock.sleep(1000, abort.signal);
  abort.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
  expect(clock.sleeping).toBe(0);
});
