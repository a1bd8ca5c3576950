import { scalarText } from '../goFormat.ts';
import { descend, type Trie, trieOf } from '../treePath.ts';
import { get, mapBelow, mapItems, type Node, stringNode, withEntry } from '../yaml/nodes.ts';

type Default = (node: Node) => Node;

/** Attributes that have a value even when nobody gives one. */
const DEFAULTS: Trie<Default> = trieOf<Default>({
  'services.*.build': (node) => withDefaultText(node, 'context', '.'),
  'services.*.secrets.*': secretTarget,
  'services.*.ports.*': (node) =>
    withDefaultText(withDefaultText(node, 'protocol', 'tcp'), 'mode', 'ingress'),
  'services.*.deploy.resources.reservations.devices.*': allDevices,
  'services.*.gpus.*': allDevices,
});

/** Fills in what the specification gives as a default. */
export function setDefaults(node: Node, defaults: Trie<Default> | undefined = DEFAULTS): Node {
  if (defaults === undefined) return node;
  if (defaults.value !== undefined) return defaults.value(node);
  if (node.kind === 'map') return mapBelow(node, defaults, (child, _key, below) => setDefaults(child, below));
  const items = descend(defaults, 0);
  return node.kind === 'list' && items !== undefined
    ? mapItems(node, (item) => setDefaults(item, items))
    : node;
}

function withDefaultText(node: Node, key: string, text: string): Node {
  if (node.kind !== 'map' || node.entries.has(key)) return node;
  return withEntry(node, key, stringNode(text, node));
}

function secretTarget(node: Node): Node {
  const source = get(node, 'source');
  if (source?.kind !== 'scalar') return node;
  return withDefaultText(node, 'target', `/run/secrets/${scalarText(source)}`);
}

function allDevices(node: Node): Node {
  if (node.kind !== 'map' || node.entries.has('device_ids')) return node;
  return withDefaultText(node, 'count', 'all');
}
