import { expandHome, isAbsolute, joinPath } from '../filePath.ts';
import { descend, type Trie, trieOf } from '../treePath.ts';
import { get, mapBelow, mapItems, type Node, stringNode, textOf, withEntry } from '../yaml/nodes.ts';

/** What relative paths of a document start from. */
export interface PathBase {
  readonly folder: string;
  readonly home: string | undefined;
}

type Resolve = (node: Node, base: PathBase) => Node;

const RESOLVERS: Trie<Resolve> = trieOf<Resolve>({
  'services.*.build.context': contextPath,
  'services.*.build.additional_contexts.*': contextPath,
  'services.*.build.ssh.*': filePath,
  'services.*.env_file.*.path': plainPath,
  'services.*.label_file.*': plainPath,
  'services.*.extends.file': plainPath,
  'services.*.develop.watch.*.path': plainPath,
  'services.*.volumes.*': mountSource,
  'configs.*.file': filePath,
  'secrets.*.file': filePath,
  'volumes.*': driverDevice,
});

/** Makes every relative path of a canonical document absolute. */
export function resolvePaths(
  node: Node,
  base: PathBase,
  resolvers: Trie<Resolve> | undefined = RESOLVERS,
): Node {
  if (resolvers === undefined) return node;
  if (resolvers.value !== undefined) return resolvers.value(node, base);
  if (node.kind === 'map')
    return mapBelow(node, resolvers, (child, _key, below) => resolvePaths(child, base, below));
  const items = descend(resolvers, 0);
  return node.kind === 'list' && items !== undefined
    ? mapItems(node, (item) => resolvePaths(item, base, items))
    : node;
}

function change(node: Node, resolve: (path: string) => string): Node {
  const text = textOf(node);
  if (text === undefined) return node;
  const resolved = resolve(text);
  return resolved === text ? node : stringNode(resolved, node);
}

/** An empty path stays empty; an absolute one is taken as it is. */
function plainPath(node: Node, { folder, home }: PathBase): Node {
  return change(node, (path) => {
    const expanded = expandHome(path, home);
    return expanded === '' || isAbsolute(expanded) ? expanded : joinPath(folder, expanded);
  });
}

/** Here even the empty path is the folder itself. */
function filePath(node: Node, { folder, home }: PathBase): Node {
  return change(node, (path) => {
    const expanded = expandHome(path, home);
    return isAbsolute(expanded) ? expanded : joinPath(folder, expanded);
  });
}

const REMOTE_CONTEXT = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|github\.com\/|git@)/;

function contextPath(node: Node, base: PathBase): Node {
  const text = textOf(node) ?? '';
  if (text.includes('://') || text.startsWith('service:') || REMOTE_CONTEXT.test(text)) return node;
  return plainPath(node, base);
}

function mountSource(node: Node, base: PathBase): Node {
  const source = get(node, 'source');
  if (node.kind !== 'map' || source === undefined || textOf(get(node, 'type')) !== 'bind') return node;
  const resolved = filePath(source, base);
  return resolved === source ? node : withEntry(node, 'source', resolved);
}

/** A local volume with `o: bind` is a bind mount in disguise. */
function driverDevice(node: Node, base: PathBase): Node {
  const options = get(node, 'driver_opts');
  const device = get(options, 'device');
  if (node.kind !== 'map' || options?.kind !== 'map' || device === undefined) return node;
  if (textOf(get(node, 'driver')) !== 'local' || textOf(get(options, 'o')) !== 'bind') return node;
  const resolved = filePath(device, base);
  return resolved === device ? node : withEntry(node, 'driver_opts', withEntry(options, 'device', resolved));
}
