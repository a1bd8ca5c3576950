import { describe, expect, it } from 'vitest';
import { bisect } from './bisect.ts';

describe('a bisection', () => {
  it('finds the first bad release, wherever it is, in as few tries as can be', async () => {
    const releases = Array.from({ length: 33 }, (_, index) => `1.${index}`);
    for (let broken = 1; broken < releases.length; broken += 1) {
      const tried: string[] = [];
      const found = await bisect(releases, async (release) => {
        tried.push(release);
        return releases.indexOf(release) >= broken ? 'bad' : 'good';
      });
      expect(found).toEqual({ good: `1.${broken - 1}`, bad: `1.${broken}` });
      expect(tried.length).toBeLessThanOrEqual(5);
      expect(new Set(tried).size).toBe(tried.length);
    }
  });

  it('of two releases tries nothing', async () => {
    const found = await bisect(['1', '2'], () => Promise.reject(new Error('asked')));
    expect(found).toEqual({ good: '1', bad: '2' });
  });
});
