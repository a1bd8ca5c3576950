import type { Problems } from '../problems.ts';
import { renderPath, type Step } from '../treePath.ts';
import type { Node, Place } from '../yaml/nodes.ts';

/** What reading a value needs beside the value. */
export interface BindContext {
  readonly problems: Problems;
  readonly steps: Step[];
}

/** A value of the model. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** Reads a value; undefined for "as if it were not there". */
export type Read = (node: Node, context: BindContext) => Value | undefined;

/** `sorted`: a map with keys of the user's choice, printed by name. `plain`: everything else without attributes. */
export type Shape =
  | { readonly kind: 'leaf'; readonly read: Read; readonly print: 'plain' | 'sorted' }
  | StructShape
  | { readonly kind: 'record'; readonly of: Shape; readonly empty: 'null' | 'dropped' }
  | { readonly kind: 'list'; readonly of: Shape };

/** Attributes in the order in which they are printed. */
export interface StructShape {
  readonly kind: 'struct';
  readonly fields: readonly Field[];
  /** Where an attribute stands among the fields, by its key in a file: most services say few of the many. */
  readonly places: ReadonlyMap<string, number>;
  /** The same by the name that is printed. */
  readonly printedPlaces: ReadonlyMap<string, number>;
  /** The fields that are there even when the file says nothing. */
  readonly fixed: readonly number[];
}

/**
 * One attribute. `zero: 'omit'` leaves it out when it is empty, zero or false; `keep` prints whatever was said.
 * `absent` stands when the file says nothing.
 */
export interface Field {
  readonly key: string;
  readonly shape: Shape;
  readonly zero: 'omit' | 'keep';
  readonly absent?: Value;
  /** The name it is printed with, where that is another. */
  readonly printed?: string;
}

export function leaf(read: Read): Shape {
  return { kind: 'leaf', read, print: 'plain' };
}

export function sortedLeaf(read: Read): Shape {
  return { kind: 'leaf', read, print: 'sorted' };
}

export function listOf(of: Shape): Shape {
  return { kind: 'list', of };
}

/** `empty`: what becomes of a key without a value. */
export function recordOf(of: Shape, empty: 'null' | 'dropped' = 'dropped'): Shape {
  return { kind: 'record', of, empty };
}

export function struct(...fields: readonly Field[]): StructShape {
  return {
    kind: 'struct',
    fields,
    places: new Map(fields.map(({ key }, index) => [key, index])),
    printedPlaces: new Map(fields.map(({ key, printed }, index) => [printed ?? key, index])),
    fixed: fields.flatMap(({ absent }, index) => (absent === undefined ? [] : [index])),
  };
}

/** The places of the attributes that are there, in the order of printing. */
export function inOrder(
  keys: Iterable<string>,
  places: ReadonlyMap<string, number>,
  fixed: readonly number[] = [],
): number[] {
  const found = [...fixed];
  let sorted = true;
  for (const key of keys) {
    const place = places.get(key);
    if (place === undefined || fixed.includes(place)) continue;
    if (place < (found.at(-1) ?? -1)) sorted = false;
    found.push(place);
  }
  return sorted ? found : found.sort((a, b) => a - b);
}

/** An attribute that is left out when it says nothing. */
export function field(key: string, shape: Shape, printed?: string): Field {
  return { key, shape, zero: 'omit', ...(printed !== undefined && { printed }) };
}

/** An attribute for which false, 0 or an empty map is something else than silence. */
export function exact(key: string, shape: Shape): Field {
  return { key, shape, zero: 'keep' };
}

/** An attribute that is always printed. */
export function always(key: string, shape: Shape, absent: Value, printed?: string): Field {
  return { key, shape, zero: 'keep', absent, ...(printed !== undefined && { printed }) };
}

/** Records that a value is not what its attribute needs. */
export function complain(
  context: BindContext,
  place: Place,
  said: { is: string; expected: string },
): undefined {
  const path = renderPath(context.steps);
  context.problems.invalid({
    message: `${path} is ${said.is}, but must be ${said.expected}.`,
    path,
    place,
    expected: said.expected,
  });
  return undefined;
}
