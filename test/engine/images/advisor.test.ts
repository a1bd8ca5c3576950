import { expect, test } from 'vitest';
import { SLOW } from '../../support/dockerfiles.ts';
import { proveChange, proveSilence, withStandIn } from './advisorCases.ts';

withStandIn();

/** One of a plain copy, one of a folder, one of several stages; all of them: test/soak/advisor.test.ts. */
const SAMPLE = ['npm ci', 'pip of a folder', 'Go'];

test.for(SLOW.filter(([name]) => SAMPLE.includes(name)))(
  '%s: with the advised change the second build must keep the dependencies',
  { timeout: 120_000 },
  (own) => proveChange(own),
);

test('of good Dockerfiles nothing must be said', async () => {
  expect(SAMPLE.every((name) => SLOW.some(([own]) => own === name))).toBe(true);
  await proveSilence();
});
