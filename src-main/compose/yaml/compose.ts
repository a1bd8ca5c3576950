import type { Problems } from '../problems.ts';
import { renderPath, type Step } from '../treePath.ts';
import { type Entry, listNode, mapNode, type Node, nullNode } from './nodes.ts';
import type { RawMap, RawNode, RawPair } from './raw.ts';
import { VALUE_LIMIT } from './raw.ts';
import { isSurelyText, resolvePlain } from './scalars.ts';

/**
 * Aliases may blow a small file up beyond all bounds. Real files stay far below this many nodes; go-yaml stops at a
 * comparable size. Every later stage walks the expanded tree, so this bounds the work of the whole load.
 */
const NODE_LIMIT = VALUE_LIMIT;
/** Deeper than any document a human writes, shallow enough for recursion. */
const DEPTH_LIMIT = 200;

/** A document with everything resolved, and the paths that `!reset` and `!override` clear in what came before. */
export interface Document {
  readonly root: Node;
  readonly resets: readonly (readonly Step[])[];
}

/** Resolves aliases, merge keys, tags and scalar types. */
export function composeDocument(raw: RawNode, problems: Problems): Document {
  return new DocumentComposer(problems).compose(raw);
}

class DocumentComposer {
  readonly #problems: Problems;
  readonly #resets: Step[][] = [];
  readonly #path: Step[] = [];
  /** Aliases that are being expanded: one that meets itself has no end. */
  readonly #open = new Set<RawNode>();
  /** What aliases named before, and how many nodes that is: nodes never change, so all places share them. */
  readonly #expanded = new Map<RawNode, { readonly node: Node; readonly nodes: number }>();
  #nodes = 0;
  #overflow = false;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  compose(raw: RawNode): Document {
    const root = this.#node(raw) ?? nullNode(raw);
    // What is too large or too deep is not worked on any further.
    return { root: this.#overflow ? mapNode(new Map(), raw) : root, resets: this.#resets };
  }

  /** undefined: the node is not to be (`!reset`). */
  #node(raw: RawNode): Node | undefined {
    this.#nodes += 1;
    if (this.#nodes > NODE_LIMIT || this.#path.length > DEPTH_LIMIT) return this.#giveUp(raw);
    if (raw.kind === 'alias') return this.#alias(raw);
    if (raw.tag === '!reset' || raw.tag === '!override') this.#resets.push([...this.#path]);
    if (raw.tag === '!reset') return undefined;
    switch (raw.kind) {
      case 'scalar':
        return this.#scalar(raw);
      case 'list':
        return this.#list(raw);
      case 'map':
        return this.#map(raw);
    }
  }

  #giveUp(raw: RawNode): Node {
    if (!this.#overflow) {
      this.#overflow = true;
      const message =
        this.#nodes > NODE_LIMIT
          ? `This document has more than ${NODE_LIMIT} values, what its aliases name included.`
          : `This document is nested deeper than ${DEPTH_LIMIT} levels.`;
      this.#problems.invalid({ message, place: raw });
    }
    return nullNode(raw);
  }

  #alias(raw: RawNode & { kind: 'alias' }): Node | undefined {
    if (this.#open.has(raw.target)) {
      this.#problems.invalid({
        message: `The alias *${raw.name} stands inside what it names.`,
        path: renderPath(this.#path),
        place: raw,
      });
      return nullNode(raw);
    }
    const known = this.#expanded.get(raw.target);
    if (known !== undefined) {
      this.#nodes += known.nodes;
      return this.#nodes > NODE_LIMIT ? this.#giveUp(raw) : known.node;
    }
    const [nodes, resets] = [this.#nodes, this.#resets.length];
    this.#open.add(raw.target);
    const node = this.#node(raw.target);
    this.#open.delete(raw.target);
    // A reset belongs to the place of its alias: what holds one is expanded at each anew.
    if (node !== undefined && this.#resets.length === resets)
      this.#expanded.set(raw.target, { node, nodes: this.#nodes - nodes });
    return node;
  }

  #scalar(raw: RawNode & { kind: 'scalar' }): Node {
    const { source, offset, tag } = raw;
    if (tag === undefined && (!raw.plain || isSurelyText(raw.text.charCodeAt(0))))
      return { kind: 'scalar', type: 'string', value: raw.text, source, offset };
    if ((!raw.plain && tag === undefined) || (tag !== undefined && !RESOLVABLE_TAGS.has(tag)))
      return { kind: 'scalar', type: 'string', value: raw.text, source, offset };
    if (tag === '!!str') return { kind: 'scalar', type: 'string', value: raw.text, source, offset };
    const resolved = resolvePlain(raw.text);
    if (tag === '!!float' && resolved.type === 'int')
      return { kind: 'scalar', type: 'float', value: Number(resolved.value), source, offset };
    if (tag !== undefined && tag !== `!!${resolved.type}`)
      this.#problems.invalid({
        message: `"${raw.text}" is no ${tag}.`,
        path: renderPath(this.#path),
        place: raw,
      });
    return { kind: 'scalar', type: resolved.type, value: resolved.value, source, offset };
  }

  #list(raw: RawNode & { kind: 'list' }): Node {
    const items: Node[] = [];
    for (let index = 0; index < raw.items.length; index += 1) {
      this.#path.push(index);
      const node = this.#node(raw.items[index] as RawNode);
      this.#path.pop();
      if (node !== undefined) items.push(node);
    }
    return listNode(items, raw);
  }

  #map(raw: RawMap): Node {
    const entries = new Map<string, Entry>();
    const seen = new Set<string>();
    const merges: RawNode[] = [];
    for (const pair of raw.pairs) {
      const key = this.#key(pair, seen, raw);
      if (key === undefined) continue;
      if (key === '<<' && isMergeKey(pair.key)) merges.push(pair.value);
      else this.#set(entries, key, pair);
    }
    for (const merge of merges) this.#merge(entries, merge);
    return mapNode(entries, raw);
  }

  #set(entries: Map<string, Entry>, key: string, pair: RawPair): void {
    this.#path.push(key);
    const node = this.#node(pair.value);
    this.#path.pop();
    if (node !== undefined) entries.set(key, { node, source: pair.key.source, offset: pair.key.offset });
  }

  /** The text of a key that is a string and new in this map. */
  #key(pair: RawPair, seen: Set<string>, map: RawMap): string | undefined {
    const raw = pair.key.kind === 'alias' ? pair.key.target : pair.key;
    if (raw.kind !== 'scalar' || !isStringKey(raw)) {
      const shown = raw.kind === 'scalar' ? raw.text : `a ${raw.kind}`;
      this.#problems.invalid({
        message: `A key must be a string, not ${shown === '' ? 'empty' : shown}.`,
        path: renderPath(this.#path),
        place: pair.key,
        expected: 'a string key',
        ...(raw.kind === 'scalar' && shown !== '' && { hint: `Write it in quotes: "${shown}".` }),
      });
      return undefined;
    }
    if (seen.has(raw.text)) {
      const before = map.pairs.find(({ key }) => textOfKey(key) === raw.text)?.key ?? raw;
      const line = before.source.position(before.offset).line;
      this.#problems.invalid({
        message: `The key "${raw.text}" stands here twice, first on line ${line}.`,
        path: renderPath([...this.#path, raw.text]),
        place: pair.key,
        expected: 'each key once',
      });
      return undefined;
    }
    seen.add(raw.text);
    return raw.text;
  }

  /** Merge keys give what is not there yet; of several maps the first that has a key wins. */
  #merge(entries: Map<string, Entry>, raw: RawNode): void {
    const target = raw.kind === 'alias' ? raw.target : raw;
    if (target.kind === 'list') {
      for (const item of target.items) this.#merge(entries, item);
      return;
    }
    const node = this.#node(raw);
    if (node?.kind !== 'map') {
      this.#problems.invalid({
        message: 'A merge key (<<) needs a map or a list of maps.',
        path: renderPath(this.#path),
        place: raw,
        expected: 'a map',
      });
      return;
    }
    for (const [key, entry] of node.entries) if (!entries.has(key)) entries.set(key, entry);
  }
}

const RESOLVABLE_TAGS = new Set(['!!str', '!!int', '!!float', '!!bool', '!!null', '!!timestamp']);

function isMergeKey(key: RawNode): boolean {
  return key.kind === 'scalar' && key.text === '<<' && key.plain;
}

function textOfKey(key: RawNode): string | undefined {
  const raw = key.kind === 'alias' ? key.target : key;
  return raw.kind === 'scalar' ? raw.text : undefined;
}

function isStringKey(key: RawNode & { kind: 'scalar' }): boolean {
  if (!key.plain) return true;
  return key.tag === '!!str' || key.text === '<<' || resolvePlain(key.text).type === 'string';
}
