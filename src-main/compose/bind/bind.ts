import { get, isNull, type Node } from '../yaml/nodes.ts';
import {
  type BindContext,
  complain,
  type Field,
  inOrder,
  type Shape,
  type StructShape,
  type Value,
} from './shape.ts';

/** Reads a canonical tree into the model. What does not fit is recorded and left out. */
export function bind(node: Node, shape: Shape, context: BindContext): Value | undefined {
  switch (shape.kind) {
    case 'leaf':
      return shape.read(node, context);
    case 'struct':
      return bindStruct(node, shape, context);
    case 'record':
      return bindRecord(node, shape, context);
    case 'list':
      return bindList(node, shape.of, context);
  }
}

function bindStruct(node: Node, shape: StructShape, context: BindContext): Value | undefined {
  if (isNull(node)) return undefined;
  if (node.kind !== 'map') return complain(context, node, { is: `a ${node.kind}`, expected: 'a map' });
  const result: Record<string, Value> = {};
  for (const place of inOrder(node.entries.keys(), shape.places, shape.fixed)) {
    const field = shape.fields[place];
    const value = field && bindField(node, field, context);
    if (value !== undefined) result[field?.printed ?? field?.key ?? ''] = value;
  }
  return result;
}

function bindField(node: Node, field: Field, context: BindContext): Value | undefined {
  const child = get(node, field.key);
  if (child === undefined) return field.absent;
  context.steps.push(field.key);
  const value = bind(child, field.shape, context) ?? field.absent;
  context.steps.pop();
  return value === undefined || (field.zero === 'omit' && isZero(value)) ? undefined : value;
}

function bindRecord(
  node: Node,
  { of, empty }: Shape & { kind: 'record' },
  context: BindContext,
): Value | undefined {
  if (isNull(node)) return undefined;
  if (node.kind !== 'map') return complain(context, node, { is: `a ${node.kind}`, expected: 'a map' });
  const result: Record<string, Value> = Object.create(null);
  for (const [key, entry] of node.entries) {
    context.steps.push(key);
    const value = bind(entry.node, of, context);
    context.steps.pop();
    if (value !== undefined) result[key] = value;
    else if (empty === 'null') result[key] = null;
  }
  return result;
}

function bindList(node: Node, of: Shape, context: BindContext): Value | undefined {
  if (isNull(node)) return undefined;
  if (node.kind !== 'list') return complain(context, node, { is: `a ${node.kind}`, expected: 'a list' });
  const result: Value[] = [];
  node.items.forEach((item, index) => {
    context.steps.push(index);
    const value = bind(item, of, context);
    context.steps.pop();
    if (value !== undefined) result.push(value);
  });
  return result;
}

/** What Go's `omitempty` leaves out. */
function isZero(value: Value): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object') return Object.keys(value).length === 0;
  return false;
}
