import { scalarText } from '../goFormat.ts';
import type { Problems } from '../problems.ts';
import { descend, renderPath, type Step, type Trie, trieOf } from '../treePath.ts';
import {
  boolNode,
  type Entry,
  entryOf,
  get,
  isNull,
  listNode,
  type MapNode,
  mapBelow,
  mapEntries,
  mapItems,
  mapNode,
  mapOf,
  type Node,
  nullNode,
  stringNode,
  textOf,
  withEntry,
} from '../yaml/nodes.ts';
import { parsePorts, portMap } from './ports.ts';
import { parseVolume, volumeMap } from './volumes.ts';

interface Context {
  readonly problems: Problems;
  readonly steps: readonly Step[];
}

/** Turns a short form into the long one. What has the wrong type is left as it is: the schema has complained already. */
type Transform = (node: Node, context: Context) => Node;

const TRANSFORMS: Trie<Transform> = trieOf<Transform>({
  'services.*.build': buildForm,
  'services.*.build.secrets.*': fileMount,
  'services.*.build.provenance': asText,
  'services.*.build.sbom': asText,
  'services.*.build.additional_contexts': keyValues,
  'services.*.build.ssh': sshKeys,
  'services.*.depends_on': dependsOn,
  'services.*.env_file': envFiles,
  'services.*.label_file': asList,
  'services.*.gpus': gpus,
  'services.*.networks': nameKeys,
  'services.*.models': nameKeys,
  'services.*.volumes.*': volumeMount,
  'services.*.dns': asList,
  'services.*.devices.*': device,
  'services.*.secrets.*': fileMount,
  'services.*.configs.*': fileMount,
  'services.*.ports': ports,
  'services.*.develop.watch.*.ignore': asList,
  'services.*.develop.watch.*.include': asList,
  'volumes.*': external,
  'networks.*': external,
  'secrets.*': external,
  'configs.*': external,
});

/** The document in long forms only. */
export function canonical(root: MapNode, problems: Problems): MapNode {
  const steps: Step[] = [];
  const walk = (node: Node, transforms: Trie<Transform> | undefined): Node => {
    if (transforms === undefined) return node;
    const changed = transforms.value?.(node, { problems, steps }) ?? node;
    if (transforms.next.size === 0) return changed;
    const visit = (child: Node, step: Step, below: Trie<Transform>): Node => {
      steps.push(step);
      const result = walk(child, below);
      steps.pop();
      return result;
    };
    if (changed.kind === 'map') return mapBelow(changed, transforms, visit);
    const items = descend(transforms, 0);
    return changed.kind === 'list' && items !== undefined
      ? mapItems(changed, (item, index) => visit(item, index, items))
      : changed;
  };
  return walk(root, TRANSFORMS) as MapNode;
}

function asList(node: Node): Node {
  return textOf(node) === undefined ? node : listNode([node], node);
}

function asText(node: Node): Node {
  return node.kind === 'scalar' && node.type !== 'string' ? stringNode(scalarText(node), node) : node;
}

function buildForm(node: Node): Node {
  return textOf(node) === undefined ? node : mapOf({ context: node }, node);
}

function fileMount(node: Node): Node {
  return textOf(node) === undefined ? node : mapOf({ source: node }, node);
}

function keyValues(node: Node, { problems, steps }: Context): Node {
  if (node.kind !== 'list') return node;
  const entries = new Map<string, Entry>();
  for (const item of node.items) {
    const text = textOf(item) ?? '';
    const at = text.indexOf('=');
    if (at >= 0) entries.set(text.slice(0, at), entryOf(stringNode(text.slice(at + 1), item), item));
    else
      problems.invalid({
        message: `"${text}" is no key=value.`,
        path: renderPath(steps),
        place: item,
        expected: 'key=value',
      });
  }
  return mapNode(entries, node);
}

function sshKeys(node: Node, { problems, steps }: Context): Node {
  if (node.kind !== 'list') return node;
  const entries = new Map<string, Entry>();
  for (const item of node.items) {
    const text = textOf(item) ?? '';
    const at = text.indexOf('=');
    if (at >= 0) entries.set(text.slice(0, at), entryOf(stringNode(text.slice(at + 1), item), item));
    else if (text === 'default') entries.set(text, entryOf(nullNode(item), item));
    else
      problems.invalid({
        message: `"${text}" is no SSH key.`,
        path: renderPath(steps),
        place: item,
        expected: 'default, or id=path',
      });
  }
  return mapNode(entries, node);
}

function dependsOn(node: Node): Node {
  if (node.kind === 'list') {
    const entries = new Map<string, Entry>();
    for (const item of node.items) {
      const name = textOf(item);
      if (name !== undefined) entries.set(name, entryOf(dependency(mapNode(new Map(), item)), item));
    }
    return mapNode(entries, node);
  }
  return node.kind === 'map' ? mapEntries(node, dependency) : node;
}

function dependency(node: Node): Node {
  if (node.kind !== 'map') return node;
  const withCondition = withDefault(node, 'condition', stringNode('service_started', node));
  return withDefault(withCondition, 'required', boolNode(true, node));
}

function withDefault(map: MapNode, key: string, value: Node): MapNode {
  return map.entries.has(key) ? map : withEntry(map, key, value);
}

function envFiles(node: Node): Node {
  const list = asList(node);
  if (list.kind !== 'list') return node;
  return mapItems(list, (item) => {
    const map = textOf(item) === undefined ? item : mapOf({ path: item }, item);
    return map.kind === 'map' ? withDefault(map, 'required', boolNode(true, item)) : item;
  });
}

function gpus(node: Node): Node {
  if (textOf(node) === undefined) return node;
  return listNode([mapOf({ count: stringNode('all', node) }, node)], node);
}

function nameKeys(node: Node): Node {
  if (node.kind !== 'list') return node;
  const entries = new Map<string, Entry>();
  for (const item of node.items) {
    const name = textOf(item);
    if (name !== undefined) entries.set(name, entryOf(nullNode(item), item));
  }
  return mapNode(entries, node);
}

function volumeMount(node: Node, { problems, steps }: Context): Node {
  const text = textOf(node);
  if (text === undefined) return node;
  const spec = parseVolume(text);
  if (!('problem' in spec)) return volumeMap(spec, text, node);
  problems.invalid({
    message: `"${text}" is no volume mount: ${spec.problem}.`,
    path: renderPath(steps),
    place: node,
    expected: 'source:target or source:target:options',
  });
  return mapOf({ type: stringNode('volume', node), target: node }, node);
}

function device(node: Node, { problems, steps }: Context): Node {
  const text = textOf(node);
  if (text === undefined) return node;
  const [source = '', target = '', permissions = 'rwm', ...rest] = text.split(':');
  if (rest.length > 0)
    problems.invalid({
      message: `"${text}" is no device: it has too many parts.`,
      path: renderPath(steps),
      place: node,
      expected: 'source:target:permissions',
    });
  return mapOf(
    {
      source: stringNode(source, node),
      target: stringNode(target === '' ? source : target, node),
      permissions: stringNode(permissions, node),
    },
    node,
  );
}

function ports(node: Node, context: Context): Node {
  if (node.kind !== 'list') return node;
  return listNode(
    node.items.flatMap((item, index) => portForms(item, { ...context, steps: [...context.steps, index] })),
    node,
  );
}

function portForms(item: Node, { problems, steps }: Context): readonly Node[] {
  if (item.kind !== 'scalar' || (item.type !== 'string' && item.type !== 'int')) {
    if (item.kind === 'scalar')
      problems.invalid({
        message: `${scalarText(item)} is no port.`,
        path: renderPath(steps),
        place: item,
        expected: 'a port, in quotes',
      });
    return [item];
  }
  const text = scalarText(item);
  const parsed = parsePorts(text);
  if (!('problem' in parsed)) return parsed.map((port) => portMap(port, item));
  problems.invalid({
    message: `"${text}" is no port mapping: ${parsed.problem}.`,
    path: renderPath(steps),
    place: item,
    expected: '[address:][published:]target[/protocol]',
  });
  return [];
}

/** `external: {name: x}` is the old way to say `external: true` and `name: x`. */
function external(node: Node, { problems, steps }: Context): Node {
  const old = get(node, 'external');
  if (node.kind !== 'map' || old?.kind !== 'map') return node;
  const marked = withEntry(node, 'external', boolNode(true, old));
  const oldName = get(old, 'name');
  if (oldName === undefined || isNull(oldName)) return marked;
  const path = renderPath(steps);
  problems.warn(
    {
      kind: 'attribute.obsolete',
      message: `${path}: external.name is obsolete: write name beside external: true.`,
      path,
    },
    oldName,
  );
  const name = get(node, 'name');
  if (name === undefined) return withEntry(marked, 'name', oldName);
  if (textOf(name) !== textOf(oldName))
    problems.invalid({
      message: `${path} has two names: ${textOf(name)} and, in external, ${textOf(oldName)}.`,
      path,
      place: oldName,
      expected: 'only name',
    });
  return marked;
}
