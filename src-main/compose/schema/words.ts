import { choice, list, map, type ScalarSchema, scalar } from './schema.ts';

/** The small words of the specification's language, from which its attributes are made. */

export const NAME = /^[a-zA-Z0-9._-]+$/;

export const text = scalar('string');
export const integer = scalar('integer');
export const bool = scalar('boolean');
export const boolOrText = scalar('boolean', 'string');
export const integerOrText = scalar('integer', 'string');
export const numberOrText = scalar('number', 'string');
export const texts = list(text);
export const uniqueTexts = list(text, 'unique');
export const textOrList = choice(text, uniqueTexts);
export const options = map(scalar('string', 'number'));
export const values = choice(
  map(scalar('string', 'number', 'boolean', 'null'), /.+/, 'forbidden'),
  uniqueTexts,
);

/** One of these texts. */
export function words(...oneOf: string[]): ScalarSchema {
  return { type: 'scalar', kinds: ['string'], oneOf };
}

/** A text with the expression somewhere in it. */
export function matching(expression: RegExp, shown: string): ScalarSchema {
  return { type: 'scalar', kinds: ['string'], pattern: { expression, shown } };
}

/** An integer of a range, or a text. */
export function within(minimum: number, maximum?: number): ScalarSchema {
  return {
    type: 'scalar',
    kinds: ['integer', 'string'],
    minimum,
    ...(maximum !== undefined && { maximum }),
  };
}
