import { resolvePaths } from './canonical/paths.ts';
import { type FileRequest, lookupIn, readDocuments, type Scope, toCanonical } from './documents.ts';
import { dirname, resolvePath } from './filePath.ts';
import { interpolate } from './interpolate/interpolate.ts';
import { mergeDocuments, mergeServices } from './merge/merge.ts';
import { applyResets } from './merge/reset.ts';
import { enforceUnicity } from './merge/unicity.ts';
import { suggest } from './suggest.ts';
import { renderPath, type Step } from './treePath.ts';
import {
  entryOf,
  get,
  type MapNode,
  mapNode,
  type Node,
  textOf,
  withEntry,
  withoutKey,
} from './yaml/nodes.ts';

/** The services of one file, as that file has them, and what it clears in what they extend. */
interface Home {
  readonly file: string;
  readonly services: MapNode;
  readonly resets: readonly (readonly Step[])[];
}

interface Work {
  readonly scope: Scope;
  /** Files that are extended from, loaded once. */
  readonly loaded: Map<string, Promise<Home | undefined>>;
  /** Services already done, by file and name: chains share their lower parts. */
  readonly done: Map<string, Promise<Node | undefined>>;
}

/** Replaces `extends` in every service by what it stands for. */
export async function applyExtends(
  model: MapNode,
  origin: { readonly resets: readonly (readonly Step[])[]; readonly file: string; readonly scope: Scope },
): Promise<MapNode> {
  const services = get(model, 'services');
  if (services?.kind !== 'map') return model;
  const names = [...services.entries].filter(([, { node }]) => get(node, 'extends')).map(([name]) => name);
  if (names.length === 0) return model;
  const work: Work = { scope: origin.scope, loaded: new Map(), done: new Map() };
  const home: Home = { file: origin.file, services, resets: origin.resets };
  const entries = new Map(services.entries);
  for (const name of names) {
    const extended = await extendService(name, home, work, []);
    if (extended !== undefined) entries.set(name, entryOf(extended, entries.get(name) ?? extended));
  }
  return withEntry(model, 'services', mapNode(entries, services));
}

function extendService(
  name: string,
  home: Home,
  work: Work,
  chain: readonly string[],
): Promise<Node | undefined> {
  const id = `${home.file}\n${name}`;
  const before = work.done.get(id);
  if (before !== undefined && !chain.includes(id)) return before;
  const result = extendOnce(name, home, work, chain);
  work.done.set(id, result);
  return result;
}

async function extendOnce(
  name: string,
  home: Home,
  work: Work,
  chain: readonly string[],
): Promise<Node | undefined> {
  const service = get(home.services, name);
  const reference = get(service, 'extends');
  if (service?.kind !== 'map' || reference === undefined) return service;
  const bare = withoutKey(service, 'extends');
  const path = renderPath(['services', name, 'extends']);
  const target = textOf(reference) ?? textOf(get(reference, 'service'));
  if (target === undefined) {
    work.scope.problems.invalid({
      message: `${path} names no service.`,
      path,
      place: reference,
      expected: 'the name of a service',
    });
    return bare;
  }
  const from = await homeOf(get(reference, 'file'), { home, work, at: `${path}.file` });
  if (from === undefined) return bare;
  const id = `${home.file}\n${name}`;
  if (chain.includes(id)) {
    work.scope.problems.invalid({
      message: `${path} leads back to itself: ${[...chain, id].map(shortId).join(' → ')}.`,
      path,
      place: reference,
      expected: 'services that do not extend each other in a circle',
    });
    return bare;
  }
  if (!from.services.entries.has(target)) {
    work.scope.problems.invalid({
      message: `${path} names the service "${target}", which ${from.file} does not have.`,
      path,
      place: reference,
      expected: 'the name of a service',
      suggestion: () => suggest(target, from.services.entries.keys()),
    });
    return bare;
  }
  const base = await extendService(target, from, work, [...chain, id]);
  if (base?.kind !== 'map') return bare;
  return mergeServices(clear(base, name, home.resets), bare, name, work.scope.problems);
}

function shortId(id: string): string {
  const [file = '', service = ''] = id.split('\n');
  return `${service} in ${file.slice(file.lastIndexOf('/') + 1)}`;
}

/** What a service marks with `!reset` is taken from what it extends. */
function clear(base: MapNode, name: string, resets: readonly (readonly Step[])[]): MapNode {
  const own = resets.filter((path) => path[0] === 'services' && path[1] === name && path.length > 2);
  return applyResets(
    base,
    own.map((path) => path.slice(2)),
  );
}

async function homeOf(
  file: Node | undefined,
  { home, work, at }: { readonly home: Home; readonly work: Work; readonly at: string },
): Promise<Home | undefined> {
  const path = textOf(file);
  if (file === undefined || path === undefined) return home;
  const absolute = resolvePath(work.scope.folder, path);
  let loading = work.loaded.get(absolute);
  if (loading === undefined) {
    loading = loadHome({ path: absolute, namedBy: file, at }, work.scope);
    work.loaded.set(absolute, loading);
  }
  return loading;
}

/** Another file's services: in long forms, with the paths that mean its own folder made absolute. */
async function loadHome(request: FileRequest, scope: Scope): Promise<Home | undefined> {
  const documents = await readDocuments(request, scope);
  const { path } = request;
  let model: MapNode | undefined;
  const resets: (readonly Step[])[] = [];
  for (const { root, resets: own } of documents) {
    if (root.kind !== 'map') continue;
    resets.push(...own);
    const current = interpolate(root, lookupIn(scope.environment), scope.problems) as MapNode;
    const base = model ?? mapNode(new Map(), root);
    const merged = enforceUnicity(mergeDocuments(base, current, scope.problems)) as MapNode;
    model = toCanonical(merged, scope.problems);
  }
  const resolved = model && resolvePaths(model, { folder: dirname(path), home: scope.home });
  const services = get(resolved, 'services');
  if (services?.kind === 'map') return { file: path, services, resets };
  if (documents.length > 0)
    scope.problems.invalid({
      message: `${path} has no services to extend.`,
      path: request.at,
      place: request.namedBy,
      expected: 'a compose file',
    });
  return undefined;
}
