import { expect, test } from 'vitest';
import { NO_FILTER, searchFilter, streamFilter } from './logFilters.ts';

const find = { text: 'boom', regex: true, caseSensitive: false };

test('a search alone leaves no line out', () => {
  expect(streamFilter(find, NO_FILTER)).toBeUndefined();
});

test('matching lines, the rest of them, levels, a stream and new lines can be asked for', () => {
  expect(streamFilter(find, { ...NO_FILTER, only: 'matching' })).toEqual({ ...find, invert: false });
  expect(streamFilter(find, { ...NO_FILTER, only: 'rest' })).toEqual({ ...find, invert: true });
  expect(streamFilter({ ...find, text: '' }, { ...NO_FILTER, only: 'matching' })).toBeUndefined();
  expect(streamFilter(find, { only: 'all', levels: ['error'], stream: 'stderr', onlyNew: true })).toEqual({
    levels: ['error'],
    streams: ['stderr'],
    onlyNew: true,
  });
});

test('the search finds matches also where the pane shows the others', () => {
  expect(searchFilter(find, { ...NO_FILTER, only: 'rest' })).toEqual(find);
});
