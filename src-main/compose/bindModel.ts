import { bind } from './bind/bind.ts';
import { toPlain } from './bind/plain.ts';
import type { BindContext, Shape, Value } from './bind/shape.ts';
import { FILE_OBJECT, MODEL, NETWORK, SERVICE, VOLUME } from './bind/shapes.ts';
import { isEnabled } from './graph.ts';
import type { Problems } from './problems.ts';
import type { FileObject, Model, Network, Service, Volume } from './project.ts';
import { get, type MapNode, type Node } from './yaml/nodes.ts';

/** The document's part of a project. */
export interface BoundModel {
  readonly services: Readonly<Record<string, Service>>;
  readonly disabledServices: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly secrets: Readonly<Record<string, FileObject>>;
  readonly configs: Readonly<Record<string, FileObject>>;
  readonly models: Readonly<Record<string, Model>>;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly serviceExtensions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Reads a normalised document into the model and parts the services by profile. */
export function bindModel(root: MapNode, profiles: readonly string[], problems: Problems): BoundModel {
  const section = <T>(key: string, shape: Shape) => bindSection<T>(root, { key, shape, problems });
  const all = section<Service>('services', SERVICE);
  const part = (wanted: boolean) =>
    fromPairs(Object.entries(all).filter(([, service]) => isEnabled(service, profiles) === wanted));
  return {
    services: part(true),
    disabledServices: part(false),
    networks: section<Network>('networks', NETWORK),
    volumes: section<Volume>('volumes', VOLUME),
    secrets: section<FileObject>('secrets', FILE_OBJECT),
    configs: section<FileObject>('configs', FILE_OBJECT),
    models: section<Model>('models', MODEL),
    extensions: extensionsOf(root),
    serviceExtensions: serviceExtensions(get(root, 'services')),
  };
}

function bindSection<T>(
  root: MapNode,
  { key, shape, problems }: { readonly key: string; readonly shape: Shape; readonly problems: Problems },
): Record<string, T> {
  const node = get(root, key);
  if (node?.kind !== 'map') return fromPairs<T>([]);
  const context: BindContext = { problems, steps: [key] };
  const pairs: [string, T][] = [];
  for (const [name, entry] of node.entries) {
    context.steps.push(name);
    const value: Value | undefined = bind(entry.node, shape, context);
    context.steps.pop();
    // The shapes are written to give these types: bind/shapes.ts beside project.ts.
    if (value !== undefined && value !== null) pairs.push([name, value as T]);
  }
  return fromPairs(pairs);
}

function extensionsOf(node: Node | undefined): Record<string, unknown> {
  if (node?.kind !== 'map') return fromPairs<unknown>([]);
  return fromPairs(
    [...node.entries]
      .filter(([key]) => key.startsWith('x-'))
      .map(([key, entry]) => [key, toPlain(entry.node)] as [string, unknown]),
  );
}

function serviceExtensions(services: Node | undefined): Record<string, Readonly<Record<string, unknown>>> {
  if (services?.kind !== 'map') return fromPairs<Readonly<Record<string, unknown>>>([]);
  return fromPairs(
    [...services.entries]
      .map(([name, { node }]) => [name, extensionsOf(node)] as [string, Record<string, unknown>])
      .filter(([, extensions]) => Object.keys(extensions).length > 0),
  );
}

/** By name, and without a prototype: keys come from files. */
function fromPairs<T>(pairs: readonly [string, T][]): Record<string, T> {
  const result: Record<string, T> = Object.create(null);
  for (const [key, value] of [...pairs].sort(([a], [b]) => (a < b ? -1 : 1))) result[key] = value;
  return result;
}

export function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => T,
): Record<string, T> {
  return fromPairs(Object.entries(record).map(([key, value]) => [key, change(value)] as [string, T]));
}
