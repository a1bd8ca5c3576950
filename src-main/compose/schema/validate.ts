import { scalarText } from '../goFormat.ts';
import type { Problems } from '../problems.ts';
import { suggest } from '../suggest.ts';
import { renderPath, type Step } from '../treePath.ts';
import type { ListNode, MapNode, Node, Place, ScalarNode } from '../yaml/nodes.ts';
import type {
  ChoiceSchema,
  ListSchema,
  MapSchema,
  ObjectSchema,
  ScalarKind,
  ScalarSchema,
  Schema,
} from './schema.ts';

/** Checks a document against a schema, recording everything that does not fit. */
export function validate(root: Node, schema: Schema, problems: Problems): void {
  new Validator(problems).check(root, schema);
}

class Validator {
  readonly #problems: Problems;
  readonly #steps: Step[] = [];

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  check(node: Node, schema: Schema): void {
    if (schema.type === 'choice') this.#choice(node, schema);
    else if (!fits(node, schema)) this.#wrongKind(node, schema);
    else if (schema.type === 'scalar' && node.kind === 'scalar') this.#scalar(node, schema);
    else if (schema.type === 'list' && node.kind === 'list') this.#list(node, schema);
    else if (schema.type === 'map' && node.kind === 'map') this.#map(node, schema);
    else if (schema.type === 'object' && node.kind === 'map') this.#object(node, schema);
  }

  #list(node: ListNode, schema: ListSchema): void {
    for (let index = 0; index < node.items.length; index += 1)
      this.#below(index, node.items[index] as Node, schema.items);
    if (schema.unique) this.#unique(node);
  }

  #below(step: Step, node: Node, schema: Schema): void {
    this.#steps.push(step);
    this.check(node, schema);
    this.#steps.pop();
  }

  #choice(node: Node, schema: ChoiceSchema): void {
    const fitting = schema.of.find((option) => fits(node, option));
    if (fitting === undefined) this.#wrongKind(node, schema);
    else this.check(node, fitting);
  }

  #scalar(node: ScalarNode, schema: ScalarSchema): void {
    const { value } = node;
    if (typeof value === 'string') this.#text(node, value, schema);
    else if (typeof value === 'number' || typeof value === 'bigint') this.#number(node, value, schema);
  }

  #text(node: ScalarNode, value: string, { oneOf, pattern }: ScalarSchema): void {
    if (oneOf && !oneOf.includes(value))
      this.#complain(node, {
        message: `is "${value}"`,
        expected: oneOf.length === 1 ? String(oneOf[0]) : `one of ${oneOf.join(', ')}`,
        suggestion: () => suggest(value, oneOf),
      });
    if (pattern && !pattern.expression.test(value))
      this.#complain(node, { message: `is "${value}"`, expected: pattern.shown });
  }

  #number(node: ScalarNode, value: number | bigint, { minimum, maximum }: ScalarSchema): void {
    if (minimum !== undefined && value < minimum)
      this.#complain(node, { message: `is ${value}`, expected: `at least ${minimum}` });
    if (maximum !== undefined && value > maximum)
      this.#complain(node, { message: `is ${value}`, expected: `at most ${maximum}` });
  }

  #map(node: MapNode, schema: MapSchema): void {
    node.entries.forEach((entry, key) => {
      const known = schema.keys === undefined ? key !== '' : schema.keys.test(key);
      if (known) this.#below(key, entry.node, schema.values);
      else if (schema.otherKeys === 'forbidden') this.#badName(key, entry);
    });
  }

  #badName(key: string, place: Place): void {
    this.#complain(place, {
      message: `has the name "${key}"`,
      expected: 'a name of letters, digits, "_", "." and "-"',
    });
  }

  #object(node: MapNode, schema: ObjectSchema): void {
    node.entries.forEach((entry, key) => {
      const attribute = Object.hasOwn(schema.attributes, key) ? schema.attributes[key] : undefined;
      if (attribute !== undefined) this.#below(key, entry.node, attribute);
      else if (schema.others === 'forbidden' && !(schema.extensions === 'allowed' && key.startsWith('x-')))
        this.#unknown(key, entry, schema);
    });
    for (const key of schema.required)
      if (!node.entries.has(key))
        this.#complain(node, { message: `lacks "${key}"`, expected: `${schema.name} with "${key}"` });
  }

  #unknown(key: string, place: Place, schema: ObjectSchema): void {
    const path = renderPath([...this.#steps, key]);
    this.#problems.invalid({
      message: `"${key}" is no attribute of ${schema.name}.`,
      path,
      place,
      expected: `an attribute of ${schema.name}${schema.extensions === 'allowed' ? ', or x-…' : ''}`,
      suggestion: () => suggest(key, Object.keys(schema.attributes)),
    });
  }

  #unique(list: ListNode): void {
    if (list.items.length < 2) return;
    const seen = new Set<string>();
    for (const item of list.items) {
      const key = identity(item);
      if (seen.has(key)) {
        const shown = item.kind === 'scalar' ? `"${scalarText(item)}"` : 'the same entry';
        this.#complain(item, { message: `has ${shown} twice`, expected: 'each entry once' });
      }
      seen.add(key);
    }
  }

  #wrongKind(node: Node, schema: Schema): void {
    this.#complain(node, { message: `is ${describeNode(node)}`, expected: inWords(schema) });
  }

  #complain(
    place: Place,
    said: { message: string; expected: string; suggestion?: () => string | undefined },
  ): void {
    const path = renderPath(this.#steps);
    const subject = path === '' ? 'The file' : path;
    this.#problems.invalid({
      message: `${subject} ${said.message}, but must be ${said.expected}.`,
      path,
      place,
      expected: said.expected,
      suggestion: said.suggestion,
    });
  }
}

function fits(node: Node, schema: Schema): boolean {
  switch (schema.type) {
    case 'any':
      return true;
    case 'choice':
      return schema.of.some((option) => fits(node, option));
    case 'scalar':
      return node.kind === 'scalar' && acceptsScalar(node, schema);
    case 'list':
      return node.kind === 'list';
    default:
      return node.kind === 'map';
  }
}

function acceptsScalar(node: ScalarNode, schema: ScalarSchema): boolean {
  return schema.kinds.some((kind) => isOfKind(node, kind));
}

function isOfKind({ type, value }: ScalarNode, kind: ScalarKind): boolean {
  switch (kind) {
    case 'integer':
      return type === 'int' || (type === 'float' && Number.isInteger(value));
    case 'number':
      return type === 'int' || type === 'float';
    case 'boolean':
      return type === 'bool';
    default:
      return type === kind;
  }
}

/** A text that is the same for equal values; keys in order. */
function identity(node: Node): string {
  if (node.kind === 'scalar')
    return node.type === 'string' ? JSON.stringify(node.value) : `${node.type}:${String(node.value)}`;
  if (node.kind === 'list') return `[${node.items.map(identity).join(',')}]`;
  const entries = [...node.entries].map(([key, entry]) => `${JSON.stringify(key)}:${identity(entry.node)}`);
  return `{${entries.sort().join(',')}}`;
}

const SHOWN: Readonly<Record<ScalarKind, string>> = {
  string: 'a text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty',
};

function inWords(schema: Schema): string {
  switch (schema.type) {
    case 'any':
      return 'anything';
    case 'scalar':
      return schema.oneOf?.join(', ') ?? join(schema.kinds.map((kind) => SHOWN[kind]));
    case 'list':
      return 'a list';
    case 'map':
      return 'a map';
    case 'object':
      return `a map (${schema.name})`;
    case 'choice':
      return join(schema.of.map((option) => inWords(option)));
  }
}

function join(parts: readonly string[]): string {
  const unique = [...new Set(parts)];
  const last = unique.at(-1) ?? '';
  return unique.length < 2 ? last : `${unique.slice(0, -1).join(', ')} or ${last}`;
}

function describeNode(node: Node): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`;
  switch (node.type) {
    case 'null':
      return 'empty';
    case 'string':
      return `the text "${String(node.value).slice(0, 80)}"`;
    case 'time':
      return `the date ${String(node.value)} (write it in quotes)`;
    default:
      return scalarText(node);
  }
}
