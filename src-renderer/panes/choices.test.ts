import { expect, test } from 'vitest';
import { toggledService } from './choices.ts';

const NAMES = ['api', 'db', 'web'];

test('of all services the first click chooses one, further ones add and take away, and all of them are all', () => {
  expect(toggledService(NAMES, [], 'db')).toEqual(['db']);
  expect(toggledService(NAMES, ['db'], 'api')).toEqual(['db', 'api']);
  expect(toggledService(NAMES, ['db', 'api'], 'web')).toEqual([]);
  expect(toggledService(NAMES, ['db', 'api'], 'db')).toEqual(['api']);
  expect(toggledService(NAMES, ['db'], 'db')).toEqual([]);
});
