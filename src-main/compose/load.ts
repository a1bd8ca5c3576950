import type { AppError } from '#contract/errors.ts';
import { bindModel, mapValues } from './bindModel.ts';
import { checkConsistency, withScale } from './consistency.ts';
import { lookupIn, type Scope } from './documents.ts';
import { Files } from './files.ts';
import type { LoadOptions, LoadResult } from './loadOptions.ts';
import { type Located, locate } from './locate.ts';
import { loadModel } from './model.ts';
import { normalize } from './normalize.ts';
import { Problems } from './problems.ts';
import type { Project } from './project.ts';
import { resolveProjectName } from './projectName.ts';
import { resolveFiles } from './resolveFiles.ts';
import { type PlaceFinder, placeFinder } from './sourceMap.ts';
import { parsePath } from './treePath.ts';
import { warnUnsupported } from './unsupported.ts';
import { withoutUnusedResources } from './unused.ts';
import { get, type MapNode, positionOf } from './yaml/nodes.ts';

/**
 * Loads a compose project the way docker compose 2.40 does. Never rejects for what stands in files: everything wrong
 * with them comes back at once, each with its place. Rejects only when the reader breaks its promise.
 */
export async function loadProject(options: LoadOptions): Promise<LoadResult> {
  const problems = new Problems();
  const files = new Files(options.reader, problems);
  const located = await locate(options, { files, problems });
  if (located.requests.length === 0) return noFiles(options, problems);
  const name = await resolveProjectName(options, located, { files, problems });
  const environment: Readonly<Record<string, string>> = {
    ...located.environment,
    COMPOSE_PROJECT_NAME: name,
  };
  const scope: Scope = {
    files,
    problems,
    folder: located.folder,
    environment,
    including: [],
    contents: new Map(),
    home: environment['HOME'] ?? environment['USERPROFILE'],
  };
  const model = await loadModel(located.requests, scope);
  if (model.entries.size === 0 && !problems.hasErrors) complainOfNothing(located, problems);
  await files.pause();
  const normal = normalize(model, name, lookupIn(environment));
  await files.pause();
  return finish(normal, { options, located, scope, name });
}

interface Loading {
  readonly options: LoadOptions;
  readonly located: Located;
  readonly scope: Scope;
  readonly name: string;
}

async function finish(model: MapNode, { options, located, scope, name }: Loading): Promise<LoadResult> {
  const { problems, files, environment } = scope;
  const placeOf = placeFinder(model);
  const bound = bindModel(model, located.profiles, problems);
  await files.pause();
  checkConsistency(bound, { problems, placeOf });
  await files.pause();
  const mode = options.envFileResolution ?? 'resolve';
  const scaled = { ...bound, services: mapValues(bound.services, withScale) };
  const resolved = await resolveFiles(scaled, { files, problems, environment, placeOf, mode });
  if (problems.hasErrors) return invalid(problems, { name, services: namesIn(model) });
  await files.pause();
  warnUnsupported(resolved.services, { problems, placeOf });
  const { warnings } = problems;
  const project: Project = {
    name,
    ...withoutUnusedResources(resolved),
    profiles: located.profiles,
    workingDir: located.folder,
    composeFiles: located.requests.map(({ path }) => path),
    environment,
    resolvedContent: contentsOf(scope.contents),
    warnings,
    sourceOf: (path) => positionAt(placeOf, path),
  };
  return { type: 'loaded', project, warnings };
}

function complainOfNothing({ requests }: Located, problems: Problems): void {
  const file = requests[0]?.path ?? '';
  problems.add({
    kind: 'compose.invalid',
    message: `There is nothing in ${file}.`,
    at: { file, line: 1, column: 1 },
    expected: 'services',
  });
}

function noFiles(options: LoadOptions, problems: Problems): LoadResult {
  problems.add({
    kind: 'compose.notFound',
    message: `There is no compose file in ${options.workingDir} or above it.`,
    folder: options.workingDir,
    hint: 'A compose file is called compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml.',
  });
  return invalid(problems, undefined);
}

function invalid(
  problems: Problems,
  partial: { readonly name: string; readonly services: readonly string[] } | undefined,
): LoadResult & { readonly type: 'invalid' } {
  const errors: readonly AppError[] = problems.errors;
  const { warnings, missingVariables } = problems;
  return { type: 'invalid', errors, warnings, missingVariables, ...(partial && { partial }) };
}

function namesIn(model: MapNode): string[] {
  const services = get(model, 'services');
  return services?.kind === 'map' ? [...services.entries.keys()].sort() : [];
}

function positionAt(placeOf: PlaceFinder, path: string) {
  const place = placeOf(parsePath(path));
  return place && positionOf(place);
}

function contentsOf(contents: ReadonlyMap<string, string>): Project['resolvedContent'] {
  const below = (kind: string) =>
    Object.fromEntries(
      [...contents]
        .filter(([key]) => key.startsWith(`${kind}.`))
        .map(([key, value]) => [key.slice(kind.length + 1), value]),
    );
  return { secrets: below('secrets'), configs: below('configs') };
}
