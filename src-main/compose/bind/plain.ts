import type { Node, ScalarNode } from '../yaml/nodes.ts';

/** A tree as plain values, for what nobody gives a meaning (`x-*`). */
export function toPlain(node: Node): unknown {
  if (node.kind === 'scalar') return plainScalar(node);
  // docker compose prints an empty list of these as null.
  if (node.kind === 'list') return node.items.length === 0 ? null : node.items.map((item) => toPlain(item));
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of node.entries) result[key] = toPlain(entry.node);
  return result;
}

function plainScalar({ type, value }: ScalarNode): unknown {
  if (type === 'time') return timestamp(String(value));
  return typeof value === 'bigint' ? Number(value) : value;
}

/** As Go prints a time: `2020-01-02` is midnight in UTC. */
function timestamp(text: string): string {
  const [date = '', time = '00:00:00'] = text.split(/[Tt ]/);
  const day = date
    .split('-')
    .map((part) => part.padStart(2, '0'))
    .join('-');
  const [, clock = '', fraction = '', zone = ''] = /^([\d:]+)(\.\d+)?(.*)$/.exec(time) ?? [];
  const padded = clock
    .split(':')
    .map((part) => part.padStart(2, '0'))
    .join(':');
  const kept = fraction.replace(/0+$/, '').replace(/^\.$/, '');
  return `${day}T${padded}${kept}${zone === '' || zone === '+00:00' ? 'Z' : zone}`;
}
