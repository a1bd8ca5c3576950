import { describe, expect, test } from 'vitest';
import { expectPeace, PEACE_STACKS } from '../../support/peaceStacks.ts';
import { hasDockerCompose } from '../../support/scenario.ts';

const compose = await hasDockerCompose();
/** The others run in test/soak/peace. */
const SAMPLE = ['environment', 'everything', 'links', 'networks', 'secrets-configs'];

describe.runIf(compose)('two hands', () => {
  test.concurrent.each(SAMPLE)('%s must be one stack, whoever boots it', (name) => expectPeace(name));
});

test('there are twenty stacks at least', () => {
  expect(PEACE_STACKS.length).toBeGreaterThanOrEqual(20);
  expect(PEACE_STACKS).toEqual(expect.arrayContaining(SAMPLE));
});
