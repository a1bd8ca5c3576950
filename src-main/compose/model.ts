import { setDefaults } from './canonical/defaults.ts';
import { resolvePaths } from './canonical/paths.ts';
import { checkModel } from './check.ts';
import { type FileRequest, lookupIn, readDocuments, type Scope, toCanonical } from './documents.ts';
import { applyExtends } from './extends.ts';
import { applyIncludes } from './include.ts';
import { interpolate } from './interpolate/interpolate.ts';
import { convertLegacy } from './legacy.ts';
import { mergeDocuments } from './merge/merge.ts';
import { applyResets } from './merge/reset.ts';
import { enforceUnicity } from './merge/unicity.ts';
import { resolveValues } from './normalize.ts';
import type { Problems } from './problems.ts';
import { DOCUMENT } from './schema/spec.ts';
import { validate } from './schema/validate.ts';
import { SourceFile } from './source.ts';
import type { Document } from './yaml/compose.ts';
import { get, type MapNode, mapEntries, mapNode, textOf, withEntry, withoutKey } from './yaml/nodes.ts';

/** Loads and merges files into one canonical model with absolute paths. */
export async function loadModel(requests: readonly FileRequest[], scope: Scope): Promise<MapNode> {
  let model = emptyMap();
  for (const request of requests) model = await loadFileInto(model, request, scope);
  const { files } = scope;
  const complete = setDefaults(model) as MapNode;
  await files.pause();
  checkModel(complete, scope.problems);
  await files.pause();
  const resolved = resolvePaths(complete, scope) as MapNode;
  await files.pause();
  return resolveEnvironment(resolved, scope);
}

async function loadFileInto(base: MapNode, request: FileRequest, scope: Scope): Promise<MapNode> {
  let model = base;
  for (const document of await readDocuments(request, scope)) {
    if (document.root.kind !== 'map') continue;
    model = await addDocument(model, { ...document, root: document.root }, { request, scope });
  }
  return model;
}

async function addDocument(
  base: MapNode,
  document: Document & { readonly root: MapNode },
  { request, scope }: { readonly request: FileRequest; readonly scope: Scope },
): Promise<MapNode> {
  const { problems, files } = scope;
  await files.pause();
  const current = interpolate(
    convertLegacy(document.root, problems),
    lookupIn(scope.environment),
    problems,
  ) as MapNode;
  await files.pause();
  const extended = await applyExtends(current, { resets: document.resets, file: request.path, scope });
  const cleared = applyResets(base, document.resets);
  const included = await applyIncludes(extended, { file: request.path, scope, load: loadModel });
  const merged = enforceUnicity(mergeDocuments(cleared, included, problems)) as MapNode;
  await files.pause();
  validate(merged, DOCUMENT, problems);
  warnVersion(merged, problems);
  await files.pause();
  return toCanonical(withoutKey(merged, 'version'), problems);
}

function warnVersion(model: MapNode, problems: Problems): void {
  const version = get(model, 'version');
  if (version === undefined) return;
  problems.warn(
    {
      kind: 'attribute.obsolete',
      message: 'The attribute "version" is obsolete and has no effect.',
      path: 'version',
    },
    version,
  );
}

/** What only the environment of this very model can tell: values of bare names, content of secrets and configs. */
function resolveEnvironment(model: MapNode, scope: Scope): MapNode {
  const lookup = lookupIn(scope.environment);
  for (const kind of ['secrets', 'configs']) {
    const objects = get(model, kind);
    if (objects?.kind !== 'map') continue;
    for (const [key, { node }] of objects.entries) {
      const content = lookup(textOf(get(node, 'environment')) ?? '');
      if (content !== undefined) scope.contents.set(`${kind}.${key}`, content);
    }
  }
  const services = get(model, 'services');
  if (services?.kind !== 'map') return model;
  const resolved = mapEntries(services, (service) => {
    const environment = get(service, 'environment');
    if (service.kind !== 'map' || environment?.kind !== 'list') return service;
    return withEntry(service, 'environment', resolveValues(environment, lookup, 'keep'));
  });
  return resolved === services ? model : withEntry(model, 'services', resolved);
}

function emptyMap(): MapNode {
  return mapNode(new Map(), { source: new SourceFile('', ''), offset: 0 });
}
