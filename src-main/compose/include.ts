import { type FileRequest, lookupIn, type Scope } from './documents.ts';
import { DotenvError, parseDotenv } from './dotenv.ts';
import { dirname, joinPath, resolvePath } from './filePath.ts';
import { renderPath } from './treePath.ts';
import {
  type Entry,
  entryOf,
  get,
  isNull,
  type MapNode,
  mapNode,
  type Node,
  textOf,
  withEntry,
  withoutKey,
} from './yaml/nodes.ts';

/** The sections that an included model may bring. */
const SECTIONS = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'];

interface Includer {
  /** The including file. */
  readonly file: string;
  readonly scope: Scope;
  /** How a model is loaded; handed in, as loading is what leads here. */
  readonly load: (requests: readonly FileRequest[], scope: Scope) => Promise<MapNode>;
}

interface Origin extends Includer {
  /** Of the include itself. */
  readonly path: string;
}

/** Adds the models that a document includes. */
export async function applyIncludes(model: MapNode, includer: Includer): Promise<MapNode> {
  const includes = get(model, 'include');
  // Said and left empty is as good as not said.
  if (includes !== undefined && isNull(includes)) return withoutKey(model, 'include');
  if (includes?.kind !== 'list') return model;
  let result = withoutKey(model, 'include');
  for (const [index, include] of includes.items.entries()) {
    const imported = await loadInclude(include, { ...includer, path: renderPath(['include', index]) });
    if (imported !== undefined) result = importModel(result, imported, includer.scope);
  }
  return result;
}

async function loadInclude(include: Node, origin: Origin): Promise<MapNode | undefined> {
  const { scope } = origin;
  if (complainOfNoText(include, origin)) return undefined;
  const paths = textsOf(textOf(include) === undefined ? get(include, 'path') : include);
  const [main] = paths;
  if (main === undefined) return undefined;
  if (/^(?:oci:\/\/|git@|https?:\/\/|github\.com\/)/.test(main.text)) {
    scope.problems.invalid({
      message: `${origin.path} is remote (${main.text}); only files of this machine can be included.`,
      path: origin.path,
      place: main.node,
      expected: 'a path',
    });
    return undefined;
  }
  const files = paths.map(({ text, node }) => ({
    path: resolvePath(scope.folder, text),
    namedBy: node,
    at: origin.path,
  }));
  const mainFile = resolvePath(scope.folder, main.text);
  const including = [...scope.including, origin.file];
  if (including.includes(mainFile)) {
    scope.problems.invalid({
      message: `Files include each other in a circle: ${[...including, mainFile].join(' → ')}.`,
      path: origin.path,
      place: main.node,
      expected: 'includes without a circle',
    });
    return undefined;
  }
  const folder = await projectFolder(include, mainFile, scope);
  const environment = await includeEnvironment(include, folder, scope);
  return origin.load(files, { ...scope, folder, environment, including });
}

/** A number or a truth value where a path belongs. */
function complainOfNoText(include: Node, { path, scope }: Origin): boolean {
  const named = include.kind === 'map' ? get(include, 'path') : include;
  const values = named?.kind === 'list' ? named.items : named === undefined ? [] : [named];
  const wrong = values.find(
    (value) => value.kind === 'scalar' && textOf(value) === undefined && !isNull(value),
  );
  if (wrong === undefined) return false;
  const message = `${path} names no file: it is no text.`;
  scope.problems.invalid({ message, path, place: wrong, expected: 'the path of a file' });
  return true;
}

/** `project_directory`, else the folder of the included file. A file's name there stands for its folder. */
async function projectFolder(include: Node, mainFile: string, scope: Scope): Promise<string> {
  const text = textOf(get(include, 'project_directory'));
  if (text === undefined || text === '') return dirname(mainFile);
  const path = resolvePath(scope.folder, text);
  return (await scope.files.kind(path)) === 'folder' ? path : dirname(path);
}

/** The variables of the including model win over those of the included one's environment files. */
async function includeEnvironment(
  include: Node,
  folder: string,
  scope: Scope,
): Promise<Readonly<Record<string, string>>> {
  const named = textsOf(get(include, 'env_file'));
  const files: { path: string; node: Node | undefined }[] = named.map(({ text, node }) => ({
    path: resolvePath(scope.folder, text),
    node,
  }));
  if (files.length === 0) files.push({ path: joinPath(folder, '.env'), node: undefined });
  const variables = new Map<string, string>();
  for (const { path, node } of files) await readVariables(path, node, { variables, scope });
  return { ...Object.fromEntries(variables), ...scope.environment };
}

async function readVariables(
  path: string,
  node: Node | undefined,
  { variables, scope }: { readonly variables: Map<string, string>; readonly scope: Scope },
): Promise<void> {
  if (node === undefined && (await scope.files.kind(path)) !== 'file') return;
  const text = await scope.files.text(path, node);
  if (text === undefined) {
    if (scope.files.isUnreadable(path)) return;
    scope.problems.invalid({ message: `The environment file ${path} does not exist.`, place: node });
    return;
  }
  try {
    const surroundings = lookupIn(scope.environment);
    parseDotenv(text, variables, (name) => surroundings(name) ?? variables.get(name));
  } catch (thrown) {
    if (!(thrown instanceof DotenvError)) throw thrown;
    scope.problems.add({
      kind: 'compose.invalid',
      message: `${path}:${thrown.line}: ${thrown.message}.`,
      at: { file: path, line: thrown.line, column: 1 },
    });
  }
}

function textsOf(node: Node | undefined): { text: string; node: Node }[] {
  const items = node === undefined ? [] : node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    const text = textOf(item);
    return text === undefined ? [] : [{ text, node: item }];
  });
}

function importModel(model: MapNode, imported: MapNode, scope: Scope): MapNode {
  return SECTIONS.reduce<MapNode>((result, section) => {
    const from = get(imported, section);
    if (from?.kind !== 'map') return result;
    const to = get(result, section);
    // A section without anything stays one: the schema says that it must be a mapping, as docker compose does.
    if (to !== undefined && to.kind !== 'map') return result;
    const entries = new Map<string, Entry>(to?.kind === 'map' ? to.entries : []);
    for (const [key, entry] of from.entries) importEntry(entries, { key, entry, section, scope });
    return withEntry(result, section, mapNode(entries, to?.kind === 'map' ? to : from));
  }, model);
}

function importEntry(
  entries: Map<string, Entry>,
  { key, entry, section, scope }: { key: string; entry: Entry; section: string; scope: Scope },
): void {
  const existing = entries.get(key);
  if (existing === undefined) entries.set(key, entryOf(entry.node, entry));
  else if (!equal(existing.node, entry.node))
    scope.problems.invalid({
      message: `${section}.${key} is defined here and, differently, in an included file.`,
      path: renderPath([section, key]),
      place: existing,
      expected: 'one definition, or an override file that is included together with it',
    });
}

function equal(a: Node, b: Node): boolean {
  if (a === b) return true;
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.type === b.type && a.value === b.value;
  if (a.kind === 'list')
    return (
      b.kind === 'list' &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => {
        const other = b.items[index];
        return other !== undefined && equal(item, other);
      })
    );
  if (b.kind !== 'map' || a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([key, { node }]) => {
    const other = b.entries.get(key);
    return other !== undefined && equal(node, other.node);
  });
}
