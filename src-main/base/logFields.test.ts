import { expect, test } from 'vitest';
import { parseFields } from './logFields.ts';

test.each([
  [
    '{"level":"info","http":{"status":200},"tags":["a"],"ok":true}',
    'json level=info http.status=200 tags=["a"] ok=true',
  ],
  ['  {"a":1}', 'json a=1'],
  ['{not json', 'none'],
  ['level=info msg="all \\"good\\"" took=12ms debug', 'logfmt level=info msg=all "good" took=12ms debug='],
  ['a sentence with x=1 in the middle of it', 'none'],
  ['plain', 'none'],
  ['', 'none'],
])('%s', (line, expected) => {
  const parsed = parseFields(line);
  const text =
    parsed === undefined
      ? 'none'
      : [parsed.format, ...parsed.fields.map(([name, value]) => `${name}=${value}`)].join(' ');
  expect(text).toBe(expected);
});

test('hostile nesting and size end somewhere', () => {
  const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
  expect(parseFields(deep)?.fields.length ?? 0).toBeLessThanOrEqual(1);
  expect(parseFields('a=1 '.repeat(10_000))?.fields.length).toBe(200);
});
