import { expect, it } from 'vitest';
import { apart } from './gitCommits.ts';

it.each([
  [0, 0, 'the right image is of the same commit as this checkout'],
  [14, 0, 'the right image is 14 commits behind this checkout'],
  [0, 1, 'the right image is 1 commit ahead of this checkout'],
  [2, 3, 'the right image is 2 commits behind this checkout and 3 commits ahead of it'],
])('%i ahead, %i behind', (ahead, behind, text) => {
  expect(apart({ name: 'this checkout', other: 'the right image', ahead, behind })).toBe(text);
});
