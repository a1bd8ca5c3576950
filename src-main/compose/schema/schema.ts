/** A schema language as small as the Compose Specification needs: what may stand where, as data. */

export type ScalarKind = 'string' | 'integer' | 'number' | 'boolean' | 'null';

export interface ScalarSchema {
  readonly type: 'scalar';
  readonly kinds: readonly ScalarKind[];
  readonly oneOf?: readonly string[];
  /** Found anywhere in the text. `shown` says it in words. */
  readonly pattern?: { readonly expression: RegExp; readonly shown: string };
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface ListSchema {
  readonly type: 'list';
  readonly items: Schema;
  readonly unique: boolean;
}

/** A map with keys of the user's choice. Keys that do not match: an error, or anything goes. */
export interface MapSchema {
  readonly type: 'map';
  readonly values: Schema;
  readonly keys?: RegExp;
  readonly otherKeys: 'allowed' | 'forbidden';
}

/** A map with known attributes. */
export interface ObjectSchema {
  readonly type: 'object';
  /** What it is called in messages: "a service". */
  readonly name: string;
  readonly attributes: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
  /** Whether `x-*` may stand here. */
  readonly extensions: 'allowed' | 'forbidden';
  readonly others: 'allowed' | 'forbidden';
}

/** One of several; they differ in kind (text, list, map), so the value's kind chooses. */
export interface ChoiceSchema {
  readonly type: 'choice';
  readonly of: readonly Schema[];
}

export type Schema =
  | ScalarSchema
  | ListSchema
  | MapSchema
  | ObjectSchema
  | ChoiceSchema
  | { readonly type: 'any' };

export const any: Schema = { type: 'any' };

export function scalar(...kinds: ScalarKind[]): ScalarSchema {
  return { type: 'scalar', kinds };
}

export function list(items: Schema, unique: 'unique' | 'repeats' = 'repeats'): ListSchema {
  return { type: 'list', items, unique: unique === 'unique' };
}

export function choice(...of: Schema[]): ChoiceSchema {
  return { type: 'choice', of };
}

export function object(
  name: string,
  attributes: Readonly<Record<string, Schema>>,
  options: {
    readonly required?: readonly string[];
    readonly extensions?: 'allowed' | 'forbidden';
    readonly others?: 'allowed' | 'forbidden';
  } = {},
): ObjectSchema {
  const { required = [], extensions = 'allowed', others = 'forbidden' } = options;
  return { type: 'object', name, attributes, required, extensions, others };
}

export function map(
  values: Schema,
  keys?: RegExp,
  otherKeys: 'allowed' | 'forbidden' = 'allowed',
): MapSchema {
  return { type: 'map', values, otherKeys, ...(keys && { keys }) };
}
