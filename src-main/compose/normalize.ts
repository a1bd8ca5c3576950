import { cleanPosix } from './filePath.ts';
import type { Lookup } from './interpolate/template.ts';
import { DEFAULT_NETWORK, resourceName } from './names.ts';
import {
  boolNode,
  type Entry,
  entryOf,
  get,
  isNull,
  listNode,
  type MapNode,
  mapEntries,
  mapItems,
  mapNode,
  mapOf,
  type Node,
  nullNode,
  stringNode,
  textOf,
  withEntry,
} from './yaml/nodes.ts';

const SERVICE_PREFIX = 'service:';

/** Adds what the document implies: the default network, dependencies by links and shared namespaces, resource names. */
export function normalize(root: MapNode, projectName: string, lookup: Lookup): MapNode {
  const networked = withDefaultNetwork(root);
  const services = get(networked, 'services');
  const normalized =
    services?.kind === 'map'
      ? withEntry(
          networked,
          'services',
          mapEntries(services, (service) => normalizeService(service, lookup)),
        )
      : networked;
  return ['networks', 'volumes', 'configs', 'secrets'].reduce<MapNode>(
    (map, kind) => withNames(map, kind, projectName),
    normalized,
  );
}

function normalizeService(service: Node, lookup: Lookup): Node {
  if (service.kind !== 'map') return service;
  let result = service;
  if (textOf(get(service, 'pull_policy')) === 'if_not_present')
    result = withEntry(result, 'pull_policy', stringNode('missing', service));
  result = change(result, 'build', (build) => normalizeBuild(build, lookup));
  result = change(result, 'environment', (environment) => resolveValues(environment, lookup, 'keep'));
  result = change(result, 'volumes', cleanTargets);
  return withImpliedDependencies(result);
}

function change(map: MapNode, key: string, apply: (node: Node) => Node): MapNode {
  const node = get(map, key);
  if (node === undefined) return map;
  const changed = apply(node);
  return changed === node ? map : withEntry(map, key, changed);
}

function normalizeBuild(node: Node, lookup: Lookup): Node {
  if (node.kind !== 'map') return node;
  const missing = (key: string) => {
    const value = get(node, key);
    return value === undefined || isNull(value);
  };
  let build = node;
  if (missing('context')) build = withEntry(build, 'context', stringNode('.', node));
  if (missing('dockerfile') && missing('dockerfile_inline'))
    build = withEntry(build, 'dockerfile', stringNode('Dockerfile', node));
  return change(build, 'args', (args) => resolveValues(args, lookup, 'drop'));
}

/** Names without a value take it from the environment; `unset` says what becomes of those that it does not have. */
export function resolveValues(node: Node, lookup: Lookup, unset: 'keep' | 'drop'): Node {
  if (node.kind === 'list') return resolveList(node.items, node, lookup, unset);
  if (node.kind !== 'map') return node;
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    const value = isNull(entry.node) ? lookup(key) : undefined;
    if (value !== undefined) entries.set(key, entryOf(stringNode(value, entry), entry));
    else if (!isNull(entry.node) || unset === 'keep') entries.set(key, entry);
  }
  return mapNode(entries, node);
}

function resolveList(items: readonly Node[], at: Node, lookup: Lookup, unset: 'keep' | 'drop'): Node {
  const resolved = items.flatMap((item) => {
    const text = textOf(item);
    if (text === undefined) return unset === 'keep' ? [item] : [];
    if (text.includes('=')) return [item];
    const value = lookup(text);
    if (value !== undefined) return [stringNode(`${text}=${value}`, item)];
    return unset === 'keep' ? [item] : [];
  });
  return listNode(resolved, at);
}

function cleanTargets(node: Node): Node {
  if (node.kind !== 'list') return node;
  return mapItems(node, (mount) => {
    const target = textOf(get(mount, 'target'));
    if (mount.kind !== 'map' || target === undefined) return mount;
    const cleaned = cleanPosix(target);
    return cleaned === target ? mount : withEntry(mount, 'target', stringNode(cleaned, mount));
  });
}

/** Links, shared namespaces and borrowed volumes make one service wait for the other. */
function withImpliedDependencies(service: MapNode): MapNode {
  const before = get(service, 'depends_on');
  const entries = new Map<string, Entry>(before?.kind === 'map' ? before.entries : []);
  for (const { name, restart, at } of impliedDependencies(service)) {
    if (entries.has(name)) continue;
    const dependency = mapOf(
      {
        condition: stringNode('service_started', at),
        restart: boolNode(restart === 'restart', at),
        required: boolNode(true, at),
      },
      at,
    );
    entries.set(name, entryOf(dependency, at));
  }
  if (entries.size === 0 || (before?.kind === 'map' && entries.size === before.entries.size)) return service;
  return withEntry(service, 'depends_on', mapNode(entries, before ?? service));
}

interface Implied {
  readonly name: string;
  readonly restart: 'restart' | 'stay';
  readonly at: Node;
}

function impliedDependencies(service: MapNode): Implied[] {
  const implied: Implied[] = [];
  for (const link of itemsOf(get(service, 'links'))) {
    const parts = (textOf(link) ?? '').split(':');
    const name = parts.length === 2 ? (parts[0] ?? '') : (textOf(link) ?? '');
    implied.push({ name, restart: 'restart', at: link });
  }
  for (const namespace of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const at = get(service, namespace);
    const text = textOf(at);
    if (at !== undefined && text?.startsWith(SERVICE_PREFIX))
      implied.push({ name: text.slice(SERVICE_PREFIX.length), restart: 'restart', at });
  }
  for (const source of itemsOf(get(service, 'volumes_from'))) {
    const text = textOf(source) ?? '';
    if (!text.startsWith('container:'))
      implied.push({ name: text.split(':', 1)[0] ?? '', restart: 'stay', at: source });
  }
  return implied;
}

function itemsOf(node: Node | undefined): readonly Node[] {
  return node?.kind === 'list' ? node.items : [];
}

/** A service that says nothing about networks joins the default one, which then exists. */
function withDefaultNetwork(root: MapNode): MapNode {
  const services = get(root, 'services');
  if (services?.kind !== 'map') return root;
  let used = false;
  const attached = mapEntries(services, (service) => {
    if (service.kind !== 'map' || get(service, 'provider') || get(service, 'network_mode')) return service;
    const networks = get(service, 'networks');
    if (networks?.kind === 'map' && networks.entries.size > 0) {
      if (networks.entries.has(DEFAULT_NETWORK)) used = true;
      return service;
    }
    used = true;
    return withEntry(service, 'networks', mapOf({ [DEFAULT_NETWORK]: nullNode(service) }, service));
  });
  const result = attached === services ? root : withEntry(root, 'services', attached);
  const networks = get(result, 'networks');
  if (!used || get(networks, DEFAULT_NETWORK) !== undefined) return result;
  const declared = networks?.kind === 'map' ? networks : mapNode(new Map(), services);
  return withEntry(result, 'networks', withEntry(declared, DEFAULT_NETWORK, nullNode(services)));
}

/** A resource is named after the project and its key, an external one after its key alone. */
function withNames(root: MapNode, kind: string, projectName: string): MapNode {
  const resources = get(root, kind);
  if (resources?.kind !== 'map') return root;
  const named = mapEntries(resources, (node, key) => {
    if (node.kind === 'list' || (node.kind === 'scalar' && !isNull(node))) return node;
    const resource = node.kind === 'map' ? node : mapNode(new Map(), node);
    const name = get(resource, 'name');
    if (name !== undefined && !isNull(name)) return resource;
    const external = get(resource, 'external');
    const isExternal = external?.kind === 'scalar' && external.value === true;
    return withEntry(resource, 'name', stringNode(isExternal ? key : resourceName(projectName, key), node));
  });
  return named === resources ? root : withEntry(root, kind, named);
}
