import { expect, test } from 'vitest';
import { askedFor, isAnswered } from './useAsked.ts';

const plan = { key: 'shop/postgres/15', value: 'the steps to 15' };

test('an answer can be acted on while the same thing is asked', () => {
  const asked = askedFor(plan, 'shop/postgres/15');
  expect(asked).toEqual({ value: 'the steps to 15', failure: undefined, answers: 'now' });
  expect(isAnswered(asked)).toBe(true);
});

test('it stays in sight when another thing is asked, but cannot be acted on', () => {
  const asked = askedFor(plan, 'shop/postgres/17');
  expect(asked).toMatchObject({ value: 'the steps to 15', answers: 'earlier' });
  expect(isAnswered(asked)).toBe(false);
});

test('nothing can be acted on before the first answer, and after a failure', () => {
  expect(isAnswered(askedFor({}, ''))).toBe(false);
  const failure = { kind: 'internal', message: 'no' } as const;
  expect(isAnswered(askedFor({ key: 'shop', failure }, 'shop'))).toBe(false);
});
