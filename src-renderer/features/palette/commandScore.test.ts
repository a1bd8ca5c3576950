import { expect, test } from 'vitest';
import { commandScore } from './commandScore.ts';

/** What a user sees: the titles that fit, best first. */
function found(typed: string): string[] {
  const commands = [
    ['Stop', ''],
    ['Boot', 'up start all'],
    ['postgres: Logs', ''],
    ['postgres: Restart', ''],
    ['gateway: Stop', ''],
    ['Theme: dark', ''],
    ['Show the resolved file', 'config compose yaml'],
  ] as const;
  return commands
    .map(([title, more]) => ({ title, score: commandScore(title, more, typed) }))
    .filter((entry) => entry.score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map((entry) => entry.title);
}

test('a name that begins so comes first, letters that only occur do not count', () => {
  expect(found('post')).toEqual(['postgres: Logs', 'postgres: Restart']);
  expect(found('stop')).toEqual(['Stop', 'gateway: Stop']);
});

test('every word has to be found', () => {
  expect(found('post re')).toEqual(['postgres: Restart', 'postgres: Logs']); // “postgres” has a “re” in it
  expect(found('gateway nothing')).toEqual([]);
});

test('a command is found by what else it is called, and by letters in order', () => {
  expect(found('yaml')).toEqual(['Show the resolved file']);
  expect(found('thmdrk')).toEqual(['Theme: dark']);
});
