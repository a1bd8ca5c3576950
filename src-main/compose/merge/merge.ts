import { scalarText } from '../goFormat.ts';
import type { Problems } from '../problems.ts';
import { descend, renderPath, type Step, type Trie, trieOf } from '../treePath.ts';
import {
  boolNode,
  copyOf,
  type Entry,
  entryOf,
  get,
  isNull,
  type ListNode,
  listNode,
  type MapNode,
  mapNode,
  mapOf,
  type Node,
  nullNode,
  stringNode,
  textOf,
} from '../yaml/nodes.ts';

/** How two values of one attribute become one. The default: maps by key, lists one after the other, else the later. */
type Rule =
  | 'replace'
  | 'sequence'
  | 'extraHosts'
  | 'build'
  | 'dependsOn'
  | 'names'
  | 'logging'
  | 'ipamConfig';

const RULES: Trie<Rule> = trieOf<Rule>({
  'networks.*.ipam.config': 'ipamConfig',
  'networks.*.labels': 'sequence',
  'volumes.*.labels': 'sequence',
  'services.*.annotations': 'sequence',
  'services.*.build': 'build',
  'services.*.build.args': 'sequence',
  'services.*.build.additional_contexts': 'sequence',
  'services.*.build.extra_hosts': 'extraHosts',
  'services.*.build.labels': 'sequence',
  'services.*.command': 'replace',
  'services.*.depends_on': 'dependsOn',
  'services.*.deploy.labels': 'sequence',
  'services.*.dns': 'sequence',
  'services.*.dns_opt': 'sequence',
  'services.*.dns_search': 'sequence',
  'services.*.entrypoint': 'replace',
  'services.*.env_file': 'sequence',
  'services.*.label_file': 'sequence',
  'services.*.environment': 'sequence',
  'services.*.extra_hosts': 'extraHosts',
  'services.*.healthcheck.test': 'replace',
  'services.*.labels': 'sequence',
  'services.*.logging': 'logging',
  'services.*.models': 'names',
  'services.*.networks': 'names',
  'services.*.sysctls': 'sequence',
  'services.*.tmpfs': 'sequence',
  'services.*.ulimits.*': 'replace',
});

/** A document with another one laid over it. */
export function mergeDocuments(base: MapNode, over: MapNode, problems: Problems): MapNode {
  return new Merger(problems, []).maps(base, over, RULES);
}

/** A service with the service that extends it laid over. */
export function mergeServices(base: MapNode, over: MapNode, name: string, problems: Problems): MapNode {
  const rules = descend(descend(RULES, 'services'), name);
  return new Merger(problems, ['services', name]).maps(base, over, rules);
}

class Merger {
  readonly #problems: Problems;
  readonly #steps: Step[];

  constructor(problems: Problems, steps: Step[]) {
    this.#problems = problems;
    this.#steps = steps;
  }

  maps(base: MapNode, over: MapNode, rules: Trie<Rule> | undefined): MapNode {
    if (over.entries.size === 0) return base;
    if (base.entries.size === 0) return mapNode(over.entries, over);
    const entries = copyOf(base.entries);
    for (const [key, entry] of over.entries) {
      const before = entries.get(key);
      if (before === undefined) {
        entries.set(key, entry);
        continue;
      }
      this.#steps.push(key);
      entries.set(key, entryOf(this.#values(before.node, entry.node, descend(rules, key)), entry));
      this.#steps.pop();
    }
    return mapNode(entries, over);
  }

  #values(base: Node, over: Node, rules: Trie<Rule> | undefined): Node {
    if (rules?.value !== undefined) return this.#special(base, over, rules.value, rules);
    if (isNull(over)) return base;
    if (base.kind === 'scalar') return over;
    if (base.kind === 'map' && over.kind === 'map') return this.maps(base, over, rules);
    if (base.kind === 'list' && over.kind === 'list') return listNode([...base.items, ...over.items], over);
    return this.#clash(base, over);
  }

  #clash(base: Node, over: Node): Node {
    const path = renderPath(this.#steps);
    this.#problems.invalid({
      message: `${path} cannot be overridden: it is a ${base.kind} before, and a ${over.kind} here.`,
      path,
      place: over,
      expected: `a ${base.kind}`,
    });
    return over;
  }

  #special(base: Node, over: Node, rule: Rule, rules: Trie<Rule>): Node {
    switch (rule) {
      case 'replace':
        return over;
      case 'sequence':
        return joinSequences(base, over);
      case 'extraHosts':
        return joinNew(base, over);
      case 'build':
        return this.#asMaps(buildMap(base), buildMap(over), over, rules);
      case 'dependsOn':
        return this.#asMaps(nameMap(base, dependency), nameMap(over, dependency), over, rules);
      case 'names':
        return this.#asMaps(nameMap(base, nullNode), nameMap(over, nullNode), over, rules);
      case 'logging':
        return this.#logging(base, over, rules);
      case 'ipamConfig':
        return this.#ipamConfig(base, over);
    }
  }

  #asMaps(base: MapNode | undefined, over: MapNode | undefined, at: Node, rules: Trie<Rule>): Node {
    if (base === undefined || over === undefined) return over ?? base ?? mapNode(new Map(), at);
    return this.maps(base, over, rules);
  }

  /** Options of different drivers do not mix. */
  #logging(base: Node, over: Node, rules: Trie<Rule>): Node {
    if (base.kind !== 'map' || over.kind !== 'map') return over;
    const drivers = [textOf(get(base, 'driver')), textOf(get(over, 'driver'))];
    const same = drivers[0] === drivers[1] || drivers.includes(undefined);
    return same ? this.maps(base, over, rules) : over;
  }

  /** Address pools are the same when their subnet is. */
  #ipamConfig(base: Node, over: Node): Node {
    if (base.kind !== 'list' || over.kind !== 'list') return this.#clash(base, over);
    const pools: Node[] = [];
    const subnet = (pool: Node) => textOf(get(pool, 'subnet'));
    const put = (pool: Node) => {
      const index = pools.findIndex((other) => subnet(other) === subnet(pool));
      if (index < 0) pools.push(pool);
      else pools[index] = pool;
    };
    const known = (pool: Node) => pools.some((other) => subnet(other) === subnet(pool));
    const pairs = base.items.flatMap((original) =>
      over.items.map((override) => [original, override] as const),
    );
    for (const [original, override] of pairs) {
      if (subnet(override) !== subnet(original) && !known(override)) pools.push(override);
      else if (original.kind === 'map' && override.kind === 'map')
        put(this.maps(original, override, undefined));
    }
    return listNode(pools, over);
  }
}

/** A map as `key=value` strings by name, a lone string as a list of one. */
function toSequence(node: Node): readonly Node[] {
  if (node.kind === 'list') return node.items;
  if (node.kind === 'scalar') return node.type === 'string' ? [node] : [];
  const items = [...node.entries].flatMap(([key, entry]) => sequenceItems(key, entry));
  return items.sort((a, b) => (String(a.value) < String(b.value) ? -1 : 1));
}

function sequenceItems(key: string, entry: Entry) {
  const { node } = entry;
  if (isNull(node)) return [stringNode(key, entry)];
  if (node.kind === 'scalar') return [stringNode(`${key}=${scalarText(node)}`, node)];
  if (node.kind === 'list')
    return node.items.map((item) =>
      stringNode(`${key}=${item.kind === 'scalar' ? scalarText(item) : ''}`, item),
    );
  return [stringNode(key, entry)];
}

function joinSequences(base: Node, over: Node): ListNode {
  return listNode([...toSequence(base), ...toSequence(over)], isNull(over) ? base : over);
}

function joinNew(base: Node, over: Node): ListNode {
  const before = toSequence(base);
  const known = new Set(before.map((item) => textOf(item)));
  return listNode([...before, ...toSequence(over).filter((item) => !known.has(textOf(item)))], over);
}

function buildMap(node: Node): MapNode | undefined {
  if (node.kind === 'map') return node;
  return textOf(node) === undefined ? undefined : mapOf({ context: node }, node);
}

/** A list of names as a map. */
function nameMap(node: Node, value: (at: Node) => Node): MapNode | undefined {
  if (node.kind === 'map') return node;
  if (node.kind !== 'list') return undefined;
  const entries = new Map<string, Entry>();
  for (const item of node.items) {
    const name = textOf(item);
    if (name !== undefined) entries.set(name, entryOf(value(item), item));
  }
  return mapNode(entries, node);
}

function dependency(at: Node): MapNode {
  return mapOf({ condition: stringNode('service_started', at), required: boolNode(true, at) }, at);
}
