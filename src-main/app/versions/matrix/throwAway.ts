import { builtImageName } from '#compose/names.ts';
import type { Project, Service } from '#compose/project.ts';
import type { DataProfile } from '#middleware/profile.ts';
import { targetImage } from '#middleware/switch/decide.ts';
import { middlewareOf } from '../../middlewareOf.ts';

/**
 * The project once more under another name, with one service in another version, made to be thrown away: networks and volumes
 * of its own (also where the files name them or call them external), no published ports, no fixed names or addresses, nothing
 * that restarts by itself. Images that the project builds are used as they are.
 */
export function throwAway(
  project: Project,
  { name, service, to }: { readonly name: string; readonly service: string; readonly to: string },
): Project {
  const data = middlewareOf(project, service)?.profile.data;
  const changed = (key: string, own: Service): Service => {
    const lonely = apart(project, key, own);
    if (key !== service) return lonely;
    const { volumes: _volumes, ...rest } = lonely;
    return { ...rest, image: targetImage(own.image ?? '', to), volumes: withoutData(lonely, data) };
  };
  return {
    ...project,
    name,
    services: mapValues(project.services, changed),
    disabledServices: mapValues(project.disabledServices, changed),
    networks: mapValues(project.networks, (key, { external: _external, ...network }) => ({
      ...network,
      name: `${name}_${key}`,
      // Its addresses are taken by the stack's own network.
      ipam: {},
    })),
    volumes: mapValues(project.volumes, (key, { driver_opts: _place, external: _external, ...volume }) => ({
      ...volume,
      name: `${name}_${key}`,
    })),
  };
}

function apart(project: Project, key: string, own: Service): Service {
  const { ports: _ports, container_name: _name, ...service } = own;
  return {
    ...service,
    image: own.image ?? builtImageName(project.name, key),
    restart: 'no',
    networks: mapValues(own.networks ?? {}, (_, entry) => withoutAddresses(entry)),
  };
}

type Attachment = NonNullable<Service['networks']>[string];

function withoutAddresses(entry: Attachment): Attachment {
  if (entry === null) return entry;
  const { ipv4_address: _four, ipv6_address: _six, mac_address: _mac, ...rest } = entry;
  return rest;
}

/** The version under test starts on a volume of its image's own: where the files mount one may not be where it looks. */
function withoutData(service: Service, data: DataProfile | undefined): NonNullable<Service['volumes']> {
  const volumes = service.volumes ?? [];
  if (!data) return volumes;
  const paths = ['1', '1000'].map((major) =>
    data.mountPath({ numbers: [Number(major)], variant: '', tag: major }),
  );
  return volumes.filter(
    ({ target = '' }) => !paths.some((path) => holds(path, target) || holds(target, path)),
  );
}

function holds(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(`${outer.replace(/\/$/, '')}/`);
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (key: string, value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(key, value)]));
}
