import type { Position } from '#contract/errors.ts';
import type { SourceFile } from '../source.ts';
import type { Trie } from '../treePath.ts';

/** A place in a file. Every node carries one through all merging, so that an error can always name it. */
export interface Place {
  readonly source: SourceFile;
  readonly offset: number;
}

export type ScalarType = 'string' | 'int' | 'float' | 'bool' | 'null' | 'time';

/** `int` holds a bigint where a number would lose digits; `time` holds the text as written. */
export interface ScalarNode extends Place {
  readonly kind: 'scalar';
  readonly type: ScalarType;
  readonly value: string | number | bigint | boolean | null;
}

export interface ListNode extends Place {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

/** A key's place is its own; the value has another. */
export interface Entry extends Place {
  readonly node: Node;
}

export interface MapNode extends Place {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A YAML tree. Nodes are immutable and may be shared: what aliases name is one node in several places. */
export type Node = ScalarNode | ListNode | MapNode;

export function positionOf(place: Place): Position {
  return place.source.position(place.offset);
}

export function stringNode(value: string, place: Place): ScalarNode {
  return { kind: 'scalar', type: 'string', value, source: place.source, offset: place.offset };
}

export function boolNode(value: boolean, place: Place): ScalarNode {
  return { kind: 'scalar', type: 'bool', value, source: place.source, offset: place.offset };
}

export function intNode(value: number, place: Place): ScalarNode {
  return { kind: 'scalar', type: 'int', value, source: place.source, offset: place.offset };
}

export function nullNode(place: Place): ScalarNode {
  return { kind: 'scalar', type: 'null', value: null, source: place.source, offset: place.offset };
}

export function listNode(items: readonly Node[], place: Place): ListNode {
  return { kind: 'list', items, source: place.source, offset: place.offset };
}

export function mapNode(entries: ReadonlyMap<string, Entry>, place: Place): MapNode {
  return { kind: 'map', entries, source: place.source, offset: place.offset };
}

/** A map of values that no file spells out: every key stands where `place` is. */
export function mapOf(values: Readonly<Record<string, Node>>, place: Place): MapNode {
  const entries = new Map<string, Entry>();
  for (const [key, node] of Object.entries(values))
    entries.set(key, { node, source: place.source, offset: place.offset });
  return mapNode(entries, place);
}

export function entryOf(node: Node, place: Place): Entry {
  return { node, source: place.source, offset: place.offset };
}

/** A copy to change. The constructor of Map would make a pair and a step object for each entry. */
export function copyOf(entries: ReadonlyMap<string, Entry>): Map<string, Entry> {
  const copy = new Map<string, Entry>();
  entries.forEach((entry, key) => {
    copy.set(key, entry);
  });
  return copy;
}

/** The value below a key, undefined when `node` is no map or lacks the key. */
export function get(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.node : undefined;
}

/** The map with one entry set; a new key stands where its value does. */
export function withEntry(map: MapNode, key: string, node: Node): MapNode {
  const entries = copyOf(map.entries);
  entries.set(key, entryOf(node, map.entries.get(key) ?? node));
  return mapNode(entries, map);
}

export function withoutKey(map: MapNode, key: string): MapNode {
  if (!map.entries.has(key)) return map;
  const entries = copyOf(map.entries);
  entries.delete(key);
  return mapNode(entries, map);
}

export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.type === 'null';
}

/** The text of a string scalar, undefined for everything else. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && node.type === 'string' ? (node.value as string) : undefined;
}

/** The same map with every value replaced; the map itself when nothing changed. */
export function mapEntries(map: MapNode, change: (node: Node, key: string) => Node): MapNode {
  let entries: Map<string, Entry> | undefined;
  // forEach, and not for…of, here and in the other walks: it makes no pair and no step object for each entry.
  map.entries.forEach((entry, key) => {
    const node = change(entry.node, key);
    if (node === entry.node) return;
    entries ??= copyOf(map.entries);
    entries.set(key, entryOf(node, entry));
  });
  return entries === undefined ? map : mapNode(entries, map);
}

/** The same map with those values replaced that patterns reach; the map itself when nothing changed. */
export function mapBelow<T>(
  map: MapNode,
  trie: Trie<T>,
  change: (node: Node, key: string, below: Trie<T>) => Node,
): MapNode {
  const any = trie.next.get('*');
  if (any !== undefined) return mapEntries(map, (node, key) => change(node, key, trie.next.get(key) ?? any));
  let entries: Map<string, Entry> | undefined;
  trie.next.forEach((below, key) => {
    const entry = map.entries.get(key);
    const node = entry && change(entry.node, key, below);
    if (entry === undefined || node === undefined || node === entry.node) return;
    entries ??= copyOf(map.entries);
    entries.set(key, entryOf(node, entry));
  });
  return entries === undefined ? map : mapNode(entries, map);
}

/** The same list with every item replaced; the list itself when nothing changed. */
export function mapItems(list: ListNode, change: (node: Node, index: number) => Node): ListNode {
  let items: Node[] | undefined;
  list.items.forEach((item, index) => {
    const node = change(item, index);
    if (node === item) return;
    items ??= [...list.items];
    items[index] = node;
  });
  return items === undefined ? list : listNode(items, list);
}
