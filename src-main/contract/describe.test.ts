import { expect, test } from 'vitest';
import { describeDuration, describeState, describeTook } from './describe.ts';

test.each([
  [4_100, '4.1 s'],
  [59_400, '59 s'],
  [59_900, '1 min 0 s'],
  [118_000, '1 min 58 s'],
  [120_000, '2 min 0 s'],
  [599_400, '9 min 59 s'],
  [11 * 60_000, '11 min'],
  [2 * 3_600_000, '2 h 0 min'],
])('%d ms took %s', (ms, words) => expect(describeTook(ms)).toBe(words));

test('what goes on is told in whole minutes, so that it does not move each second', () => {
  expect(describeDuration(118_000)).toBe('1 min');
});

test('of a service that did not come up the cause is told; the engine’s own words where no cause was found', () => {
  const message = 'OCI runtime create failed: exec: "pyton3": executable file not found in $PATH';
  const status = {
    type: 'failed',
    at: 0,
    error: { kind: 'engine.failed', status: 500, transient: false, message },
  };
  const card = (title: string, explanation: string) => ({
    title,
    explanation,
    lines: [],
    dependents: [],
    fixes: [],
  });
  const words = (failure?: ReturnType<typeof card>) => describeState({ status, failure } as never, 0);
  expect(words(card('There is no command pyton3 in the image', 'It may be misspelt.'))).toBe(
    'There is no command pyton3 in the image',
  );
  expect(words(card('It did not come up', message))).toBe(message);
  expect(words()).toBe(message);
});
