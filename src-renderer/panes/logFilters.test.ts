import { expect, test } from 'vitest';
import {
  fieldTestText,
  isFiltering,
  NO_FILTER,
  searchFilter,
  spanInput,
  streamFilter,
} from './logFilters.ts';

const find = { text: 'boom', regex: true, caseSensitive: false };

test('a search alone leaves no line out', () => {
  expect(streamFilter(find, NO_FILTER)).toBeUndefined();
});

test('matching lines, the rest of them, levels, a stream and new lines can be asked for', () => {
  expect(streamFilter(find, { ...NO_FILTER, only: 'matching' })).toEqual({ ...find, invert: false });
  expect(streamFilter(find, { ...NO_FILTER, only: 'rest' })).toEqual({ ...find, invert: true });
  expect(streamFilter({ ...find, text: '' }, { ...NO_FILTER, only: 'matching' })).toBeUndefined();
  const rest = { levels: ['error'], stream: 'stderr', onlyNew: true } as const;
  expect(streamFilter(find, { ...NO_FILTER, ...rest })).toEqual({
    levels: ['error'],
    streams: ['stderr'],
    onlyNew: true,
  });
});

test('fields and a span of time leave lines out too', () => {
  const fields = [{ name: 'status', is: 'equal', value: '500' }] as const;
  const choice = { ...NO_FILTER, fields, span: { sinceMs: 5 } };
  expect(streamFilter(find, choice)).toEqual({ fields });
  expect(spanInput(choice)).toEqual({ sinceMs: 5 });
  expect(isFiltering(find, { ...NO_FILTER, span: { untilMs: 5 } })).toBe(true);
  expect(fields.map(fieldTestText)).toEqual(['status = 500']);
});

test('the search finds matches also where the pane shows the others', () => {
  expect(searchFilter(find, { ...NO_FILTER, only: 'rest' })).toEqual(find);
});
