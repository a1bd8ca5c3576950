import { type BoundModel, mapValues } from './bindModel.ts';
import { lookupIn } from './documents.ts';
import { readEnvFile } from './environment.ts';
import type { Files } from './files.ts';
import type { Problems } from './problems.ts';
import type { EnvFile, Service } from './project.ts';
import type { PlaceFinder } from './sourceMap.ts';
import { renderPath, type Step } from './treePath.ts';

interface Context {
  readonly files: Files;
  readonly problems: Problems;
  readonly environment: Readonly<Record<string, string>>;
  readonly placeOf: PlaceFinder;
  readonly mode: 'resolve' | 'keep';
}

/** Reads the `env_file` and `label_file` of the active services into their environments and labels. */
export async function resolveFiles(model: BoundModel, context: Context): Promise<BoundModel> {
  const services: Record<string, Service> = Object.create(null);
  for (const [index, [name, service]] of Object.entries(model.services).entries()) {
    if (index % 1000 === 999) await context.files.pause();
    const labelled = await withLabelFiles(name, service, context);
    services[name] = context.mode === 'keep' ? labelled : await withEnvFiles(name, labelled, context);
  }
  return { ...model, services: mapValues(services, (service) => service) };
}

async function withEnvFiles(name: string, service: Service, context: Context): Promise<Service> {
  if (isResolved(service)) return service;
  const { env_file, ...rest } = service;
  const own = service.environment ?? {};
  const project = lookupIn(context.environment);
  const variables = new Map<string, string>();
  for (const [key, value] of Object.entries(own)) {
    const resolved = value ?? project(key);
    if (resolved !== undefined) variables.set(key, resolved);
  }
  const lookup = (key: string) => project(key) ?? own[key] ?? undefined;
  for (const [index, file] of (env_file ?? []).entries())
    await addEnvFile(asEnvFile(file), ['services', name, 'env_file', index], {
      ...context,
      variables,
      lookup,
    });
  const environment: Record<string, string | null> = Object.create(null);
  for (const [key, value] of variables) environment[key] = value;
  // What the service says wins over its files, even when it only names a variable that nobody set.
  for (const [key, value] of Object.entries(own)) environment[key] = value ?? project(key) ?? null;
  return Object.keys(environment).length === 0 ? withoutEnvironment(rest) : { ...rest, environment };
}

/** No files, and every variable has its value: what most services are. */
function isResolved({ env_file, environment }: Service): boolean {
  if (env_file !== undefined || environment === undefined) return false;
  const values = Object.values(environment);
  return values.length > 0 && !values.includes(null);
}

interface EnvFileContext extends Context {
  readonly variables: Map<string, string>;
  readonly lookup: (name: string) => string | undefined;
}

async function addEnvFile(file: EnvFile, steps: readonly Step[], context: EnvFileContext): Promise<void> {
  const { path, required, format = '' } = file;
  const namedBy = context.placeOf(steps);
  const text = await context.files.text(path, namedBy);
  if (text !== undefined) readEnvFile({ path, text, format }, context.variables, context);
  else if (required && !context.files.isUnreadable(path))
    context.problems.invalid({
      message: `The environment file ${path} does not exist.`,
      path: renderPath(steps),
      place: namedBy,
      expected: 'a file, or required: false',
      missingFile: path,
    });
}

function withoutEnvironment({ environment, ...rest }: Service): Service {
  return rest;
}

function asEnvFile(file: string | EnvFile): EnvFile {
  return typeof file === 'string' ? { path: file, required: true } : file;
}

async function withLabelFiles(name: string, service: Service, context: Context): Promise<Service> {
  const { label_file, ...rest } = service;
  if (label_file === undefined) return service;
  const labels = new Map<string, string>();
  for (const [index, path] of label_file.entries()) {
    const namedBy = context.placeOf(['services', name, 'label_file', index]);
    const text = await context.files.text(path, namedBy);
    if (text === undefined)
      context.problems.invalid({
        message: `The label file ${path} does not exist.`,
        path: `services.${name}.label_file[${index}]`,
        place: namedBy,
        expected: 'a file',
        missingFile: path,
      });
    else
      readEnvFile({ path, text, format: '' }, labels, {
        problems: context.problems,
        lookup: (key) => labels.get(key),
      });
  }
  // On a container docker compose hashes the names of the files too, in `config --hash` it does not.
  const named = context.mode === 'keep' ? {} : { label_file };
  return { ...rest, ...named, labels: { ...Object.fromEntries(labels), ...service.labels } };
}
