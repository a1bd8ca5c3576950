import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LOG_LEVELS } from '#contract/logBatch.ts';
import { findNext, type LogHit, type LogSearch, searchLogs } from './logSearch.ts';
import { appendText } from './logStore/appendText.ts';
import { parseLineId } from './logStore/lineId.ts';
import { LogStore } from './logStore/logStore.ts';
import { requiredLiteral } from './requiredLiteral.ts';
import { KnownTemplates, reduceLine } from './templates.ts';
import { createTextMatcher } from './textMatcher.ts';

let folder: string;
let store: LogStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-search-'));
  store = await LogStore.open({ folder });
});
afterEach(async () => {
  await store.dispose();
  await rm(folder, { recursive: true, force: true });
});

function write(service: string, secs: number, text: string, level = 'none'): void {
  const lane = store.lane({ service, number: 1 });
  const source = Buffer.from(text);
  const meta = (LOG_LEVELS as readonly string[]).indexOf(level) << 3;
  appendText(lane, lane.container('c'), {
    meta,
    secs,
    nanos: 0,
    source,
    start: 0,
    end: source.length,
    more: false,
  });
}

async function search(query: Partial<LogSearch>): Promise<{ hits: LogHit[]; count: number }> {
  const hits: LogHit[] = [];
  const { count } = await searchLogs(
    store,
    { services: [], ...query },
    { onHits: (some) => hits.push(...some) },
  );
  return { hits, count };
}

function previews({ hits }: { readonly hits: readonly LogHit[] }): string[] {
  return hits.map(({ source, preview }) => `${source} ${preview}`).sort();
}

test('plain text, with and without regard to case, and as a regular expression', async () => {
  write('api', 1, 'The Quick fox');
  write('api', 2, 'the slow fox');
  write('web', 3, 'quick and Straße 漢字');
  await store.flush();
  expect(previews(await search({ text: 'quick' }))).toEqual([
    'api The Quick fox',
    'web quick and Straße 漢字',
  ]);
  expect(previews(await search({ text: 'quick', caseSensitive: true }))).toEqual([
    'web quick and Straße 漢字',
  ]);
  expect(previews(await search({ text: 'STRASSE|straße', regex: true }))).toEqual([
    'web quick and Straße 漢字',
  ]);
  expect(previews(await search({ text: '^the.*fox$', regex: true, caseSensitive: true }))).toEqual([
    'api the slow fox',
  ]);
  expect(previews(await search({ text: '漢字', services: ['api'] }))).toEqual([]);
  expect(previews(await search({ text: 'fox', invert: true }))).toEqual(['web quick and Straße 漢字']);
});

test('all matches are counted, by level and time, and found from any line in both directions', async () => {
  for (let index = 0; index < 20_000; index++)
    write(
      index % 2 ? 'web' : 'api',
      index,
      `line ${index} ${index % 1000 === 0 ? 'needle' : ''}`,
      index % 500 === 0 ? 'error' : 'info',
    );
  await store.flush();
  const all = await search({ text: 'needle' });
  expect([all.count, all.hits.length]).toEqual([20, 20]);
  expect((await search({ levels: ['error'] })).count).toBe(40);
  expect((await search({ text: 'needle', sinceMs: 3000_000, untilMs: 6000_000 })).count).toBe(4);
  const places = all.hits.map(({ id }) => id).sort();
  let position = { secs: 0, nanos: 0, block: 0, row: 0 };
  for (const id of places) {
    const next = await findNext(store, { services: [], text: 'needle' }, { position, direction: 'after' });
    expect(next?.id).toBe(id);
    position = parseLineId(id) ?? position;
  }
  expect(
    await findNext(store, { services: [], text: 'needle' }, { position, direction: 'after' }),
  ).toBeUndefined();
  const before = await findNext(store, { services: [], text: 'needle' }, { position, direction: 'before' });
  expect(before?.id).toBe(places.at(-2));
});

test('a pattern that backtracks for ever elsewhere is searched in no time, and the event loop is not held up', async () => {
  for (let index = 0; index < 3000; index++) write('api', index, `${'a'.repeat(200)}!`);
  await store.flush();
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  expect((await search({ text: '^(a+)+$', regex: true })).count).toBe(0);
  clearInterval(timer);
  expect(longest).toBeLessThan(500);
});

test.each([
  ['error.*timeout', 'timeout'],
  ['user=\\d+ failed', ' failed'],
  ['(foo|bar)connection', 'connection'],
  ['colou?r', 'colo'],
  ['abc|abd', undefined],
  ['a.b', undefined],
  ['[abc]+x{2,}yyy', 'yyy'],
  ['(?i)abc', undefined],
  ['abc\\.def', 'abc.def'],
  ['abcd*', 'abc'],
  ['[]a]bcd', 'bcd'],
  ['ab{0,2}cde', 'cde'],
])('%s cannot match without %s', (pattern, literal) => {
  expect(requiredLiteral(pattern)).toBe(literal);
});

test('the fast way finds exactly what the regular expression itself finds', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    'abc',
    'Kk',
    '.',
    '\\d',
    '[a-c]',
    '(ab|c)',
    'x+',
    'y*',
    'z?',
    '^',
    '$',
    '\\.',
    'ss',
    'ſ',
  );
  const line = fc.stringMatching(/^[abcxyzKkSſK.0-9 ]{0,12}$/);
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 6 }),
      fc.array(line, { maxLength: 8 }),
      fc.boolean(),
      (pieces, lines, caseSensitive) => {
        const pattern = pieces.join('');
        const reference = RE2JS.compile(pattern, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
        const matcher = createTextMatcher({ text: pattern, regex: true, caseSensitive });
        const text = Buffer.from(lines.map((item) => `${item}\n`).join(''));
        const expected = lines.map((item) => reference.test(item));
        expect(lines.map((item) => matcher.test(Buffer.from(item)))).toEqual(expected);
        if (expected.includes(true)) expect(matcher.mayMatch(text)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  [
    '2026-11-20 10:11:12.123 UTC [71] LOG: checkpoint complete: wrote 3 buffers',
    '2025-01-02 03:04:05.006 UTC [9] LOG: checkpoint complete: wrote 12345 buffers',
  ],
  ['GET /orders/42 200 12 ms', 'GET /orders/9001 200 7 ms'],
  ['{"id":"a1b2c3d4e5f6","msg":"x"}', '{"id":"f1eeddccbbaa","msg":"x"}'],
  ['ERROR: relation "orders" does not exist', 'ERROR: relation "users" does not exist'],
  ['user 6f1c2a44-8d3f-4b8e-9c1d-0123456789ab in', 'user 00000000-8d3f-4b8e-9c1d-aaaaaaaaaaaa in'],
])('%s is like %s', (a, b) => {
  expect(reduceLine(a)).toBe(reduceLine(b));
});

test.each([
  ['{"level":"info","msg":"started"}', '{"level":"info","msg":"cannot connect"}'],
  ['level=info msg="started"', 'level=info msg="cannot connect"'],
])('%s is not like %s', (a, b) => {
  expect(reduceLine(a)).not.toBe(reduceLine(b));
});

test('after a good boot only lines of a new kind are new, also after a restart', async () => {
  const known = await KnownTemplates.open(folder);
  expect(known.isNew(Buffer.from('anything'))).toBe(false);
  write('api', 10, 'listening on port 8000');
  write('api', 11, 'GET /orders/1 200');
  write('api', 99, 'after the boot');
  await known.learn(store, { fromMs: 5000, untilMs: 50_000 });
  const again = await KnownTemplates.open(folder);
  expect(again.size).toBe(2);
  expect(again.isNew(Buffer.from('GET /orders/77 200'))).toBe(false);
  expect(again.isNew(Buffer.from('cannot connect to postgres'))).toBe(true);
  expect(again.isNew(Buffer.from('after the boot'))).toBe(true);
});

test('what a good boot logs is known of all services at once', async () => {
  const known = await KnownTemplates.open(folder);
  write('api', 10, 'listening on port 8000');
  write('worker', 11, 'waiting for jobs');
  const learned = known.learn(store, { fromMs: 5000, untilMs: 50_000 });
  const sizes = new Set([known.size]);
  for (let turn = 0; turn < 100; turn++) {
    await Promise.resolve(); // reading from memory takes no longer than this from one lane to the next
    sizes.add(known.size);
  }
  await learned;
  sizes.add(known.size);
  expect([...sizes]).toEqual([0, 2]);
});
