import { volumeTargetOf } from '../canonical/volumes.ts';
import { scalarText } from '../goFormat.ts';
import { type Trie, trieOf } from '../treePath.ts';
import { get, type ListNode, listNode, mapBelow, type Node, textOf } from '../yaml/nodes.ts';

/** The identity of a list's item: of two with the same, the later one stays, in the place of the first. */
type Key = (item: Node) => string | undefined;

const UNIQUE: Trie<Key> = trieOf<Key>({
  'networks.*.labels': nameKey,
  'networks.*.ipam.options': nameKey,
  'services.*.annotations': nameKey,
  'services.*.build.args': nameKey,
  'services.*.build.additional_contexts': nameKey,
  'services.*.build.platform': nameKey,
  'services.*.build.tags': nameKey,
  'services.*.build.labels': nameKey,
  'services.*.cap_add': nameKey,
  'services.*.cap_drop': nameKey,
  'services.*.devices': deviceKey,
  'services.*.configs': mountKey(''),
  'services.*.deploy.labels': nameKey,
  'services.*.dns': nameKey,
  'services.*.dns_opt': nameKey,
  'services.*.dns_search': nameKey,
  'services.*.environment': nameKey,
  'services.*.env_file': envFileKey,
  'services.*.expose': scalarKey,
  'services.*.labels': nameKey,
  'services.*.links': nameKey,
  'services.*.networks.*.aliases': nameKey,
  'services.*.networks.*.link_local_ips': nameKey,
  'services.*.ports': portKey,
  'services.*.profiles': nameKey,
  'services.*.secrets': mountKey('/run/secrets'),
  'services.*.sysctls': nameKey,
  'services.*.tmpfs': nameKey,
  'services.*.volumes': volumeTargetOf,
});

/** Removes what a later entry of the same list redefines: the same port, the same mount target, the same variable. */
export function enforceUnicity(node: Node, unique: Trie<Key> | undefined = UNIQUE): Node {
  if (unique === undefined) return node;
  if (node.kind === 'map')
    return mapBelow(node, unique, (child, _key, below) => enforceUnicity(child, below));
  return node.kind === 'list' && unique.value !== undefined ? dedupe(node, unique.value) : node;
}

function dedupe(list: ListNode, keyOf: Key): ListNode {
  const places = new Map<string, number>();
  const items: Node[] = [];
  for (const item of list.items) {
    const key = keyOf(item);
    const place = key === undefined ? undefined : places.get(key);
    if (place !== undefined) items[place] = item;
    else {
      items.push(item);
      if (key !== undefined) places.set(key, items.length - 1);
    }
  }
  return items.length === list.items.length ? list : listNode(items, list);
}

function nameKey(item: Node): string | undefined {
  const text = textOf(item);
  return text?.split('=', 1)[0];
}

function scalarKey(item: Node): string | undefined {
  return item.kind === 'scalar' ? scalarText(item) : undefined;
}

function deviceKey(item: Node): string | undefined {
  if (item.kind === 'map') return textOf(get(item, 'target'));
  const parts = textOf(item)?.split(':');
  return parts && (parts[1] ?? parts[0]);
}

function mountKey(folder: string): Key {
  return (item) => {
    if (item.kind !== 'map') return textOf(item) === undefined ? undefined : `${folder}/${textOf(item)}`;
    return textOf(get(item, 'target')) ?? `${folder}/${textOf(get(item, 'source'))}`;
  };
}

function envFileKey(item: Node): string | undefined {
  return item.kind === 'map' ? textOf(get(item, 'path')) : textOf(item);
}

function portKey(item: Node): string | undefined {
  if (item.kind === 'scalar') return scalarText(item);
  if (item.kind !== 'map') return undefined;
  const part = (key: string, fallback: string) => {
    const node = get(item, key);
    return node?.kind === 'scalar' ? scalarText(node) : fallback;
  };
  return `${part('host_ip', '0.0.0.0')}:${part('published', '')}:${part('target', '')}/${part('protocol', 'tcp')}`;
}
