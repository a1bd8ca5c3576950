import { expect, test } from 'vitest';
import { sayAll } from './words.ts';

test('what a look has come to is one sentence, and one that failed looks no more', () => {
  expect(sayAll({})).toBe('Looking…');
  expect(sayAll({ findings: [{ severity: 'ok' }, { severity: 'warning' }] })).toBe(
    'Nothing stands in the way of a boot.',
  );
  expect(sayAll({ findings: [{ severity: 'error' }] })).toBe(
    '1 thing has to be mended before a boot can work.',
  );
  expect(sayAll({ findings: [{ severity: 'error' }, { severity: 'error' }] })).toContain('2 things have');
  expect(sayAll({ failure: { kind: 'internal', message: 'no' } })).toContain('is not known');
});
