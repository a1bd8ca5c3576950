import { describe, expect, it } from 'vitest';
import { parseDotenv } from '#compose/dotenv.ts';
import { withEnvironment } from './environments.ts';
import { formatLeases, parseLeases, type SwapLease } from './leases.ts';
import { formatValues } from './productionFiles.ts';

describe('values given for a swap', () => {
  it('come back as they were from the file that compose reads', () => {
    const values = {
      PLAIN: 'x',
      QUOTES: `a"b'c`,
      DOLLAR: '$HOME $X ${X:-y $$',
      SLASH: 'end\\',
      LINES: 'one\ntwo\r\n# three',
      EMPTY: '',
      OCTAL: '\\0123 \\n',
    };
    const read = new Map<string, string>();
    parseDotenv(formatValues(values), read, () => 'from outside');
    expect(Object.fromEntries(read)).toEqual(values);
  });
});

describe('the leases', () => {
  const lease: SwapLease = {
    service: 'api',
    image: 'acme/api@sha256:x',
    shownImage: 'acme/api:1',
    since: 1,
    endOnQuit: false,
    phase: 'settled',
    pid: 1,
    attributes: ['build'],
  };

  it('survive being written, and vanish with the last', () => {
    expect(parseLeases(formatLeases([lease]))).toEqual([lease]);
    expect(formatLeases([])).toBeUndefined();
  });

  it('of a file that is not ours are none', () => {
    for (const text of [undefined, '', '{', '{"version":2,"swaps":[]}', '{"version":1,"swaps":[{}]}'])
      expect(parseLeases(text)).toEqual([]);
  });
});

describe('.slipway/production.yaml', () => {
  it('takes an environment and gives it back', () => {
    const text = withEnvironment(undefined, 'production', { file: 'k8s.yaml' });
    expect(text).toBe('production:\n  file: k8s.yaml\n');
    const two = withEnvironment(text, 'staging', { url: 'https://x' });
    expect(withEnvironment(two, 'staging', null)).toBe(text);
    expect(withEnvironment(text, 'production', null)).toBeUndefined();
  });
});
