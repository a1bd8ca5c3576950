import { parseVolume } from './canonical/volumes.ts';
import type { Problems } from './problems.ts';
import {
  type Entry,
  entryOf,
  get,
  type MapNode,
  mapEntries,
  mapNode,
  mapOf,
  stringNode,
  textOf,
  withEntry,
  withoutKey,
} from './yaml/nodes.ts';

/** What a top-level key of a file with sections can be called. */
const SECTIONS = new Set([
  'version',
  'name',
  'include',
  'services',
  'models',
  'networks',
  'volumes',
  'secrets',
  'configs',
]);

/**
 * Files of the 2014 format have their services at the top, without `services:`. docker compose has forgotten it; here
 * such a file is read as what it means today. Attributes that have another name now get it.
 */
export function convertLegacy(root: MapNode, problems: Problems): MapNode {
  return isFirstFormat(root) ? convertFirstFormat(root, problems) : withTextVersion(root, problems);
}

function isFirstFormat(root: MapNode): boolean {
  if (root.entries.size === 0) return false;
  return [...root.entries].every(([key, { node }]) => {
    if (SECTIONS.has(key) || key.startsWith('x-') || node.kind !== 'map') return false;
    return node.entries.has('image') || node.entries.has('build') || node.entries.has('extends');
  });
}

function convertFirstFormat(root: MapNode, problems: Problems): MapNode {
  problems.warn(
    {
      kind: 'format.converted',
      message:
        'This file is in the format of 2014, without "services:". It is read as if it had it; the file stays as it is.',
    },
    root,
  );
  const names = new Set(root.entries.keys());
  const services = mapEntries(root, (service) =>
    service.kind === 'map' ? convertService(service, names) : service,
  );
  const document = mapOf({ services }, root);
  const volumes = namedVolumes(services);
  return volumes === undefined ? document : withEntry(document, 'volumes', volumes);
}

function convertService(service: MapNode, names: ReadonlySet<string>): MapNode {
  return [convertBuild, convertNet, convertLogging, dropVolumeDriver].reduce<MapNode>(
    (result, convert) => convert(result, names),
    service,
  );
}

function convertBuild(service: MapNode): MapNode {
  const [build, dockerfile] = [get(service, 'build'), get(service, 'dockerfile')];
  if (dockerfile === undefined) return service;
  return withEntry(
    withoutKey(service, 'dockerfile'),
    'build',
    mapOf({ ...(textOf(build) !== undefined && build && { context: build }), dockerfile }, dockerfile),
  );
}

/** `net: container:x` may name a service or a container. */
function convertNet(service: MapNode, names: ReadonlySet<string>): MapNode {
  const net = get(service, 'net');
  const text = textOf(net);
  if (net === undefined || text === undefined) return service;
  const target = /^container:(.*)$/.exec(text)?.[1];
  const mode = target !== undefined && names.has(target) ? `service:${target}` : text;
  return withEntry(withoutKey(service, 'net'), 'network_mode', stringNode(mode, net));
}

function convertLogging(service: MapNode): MapNode {
  const [driver, options] = [get(service, 'log_driver'), get(service, 'log_opt')];
  const at = driver ?? options;
  if (at === undefined) return service;
  const logging = mapOf({ ...(driver && { driver }), ...(options && { options }) }, at);
  return withEntry(withoutKey(withoutKey(service, 'log_driver'), 'log_opt'), 'logging', logging);
}

function dropVolumeDriver(service: MapNode): MapNode {
  return withoutKey(service, 'volume_driver');
}

/** Volumes needed no declaration then, and had no prefix. */
function namedVolumes(services: MapNode): MapNode | undefined {
  const volumes = new Map<string, Entry>();
  for (const { node: service } of services.entries.values()) {
    const mounts = get(service, 'volumes');
    for (const mount of mounts?.kind === 'list' ? mounts.items : []) {
      const spec = parseVolume(textOf(mount) ?? '');
      if ('problem' in spec || spec.type !== 'volume' || spec.source === '') continue;
      volumes.set(spec.source, entryOf(mapOf({ name: stringNode(spec.source, mount) }, mount), mount));
    }
  }
  return volumes.size === 0 ? undefined : mapNode(volumes, services);
}

/** `version: 3` without quotes is a number, and means the same. */
function withTextVersion(root: MapNode, problems: Problems): MapNode {
  const version = get(root, 'version');
  if (version?.kind !== 'scalar' || (version.type !== 'int' && version.type !== 'float')) return root;
  problems.warn(
    {
      kind: 'format.converted',
      message: `The version ${String(version.value)} is read as a text.`,
      path: 'version',
    },
    version,
  );
  return withEntry(root, 'version', stringNode(String(version.value), version));
}
