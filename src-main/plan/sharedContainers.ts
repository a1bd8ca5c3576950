import type { Service } from '#compose/project.ts';

/** The services whose containers this one refers to by id: their network, processes, memory or volumes it shares. */
export function sharedServices(service: Service): string[] {
  const modes = [service.network_mode, service.pid, service.ipc].flatMap((mode) => sharedService(mode) ?? []);
  const volumes = (service.volumes_from ?? [])
    .filter((entry) => !entry.startsWith('container:'))
    .map((entry) => entry.split(':')[0] ?? '');
  return [...new Set([...modes, ...volumes])].sort();
}

/** `service:db` is `db`. */
export function sharedService(mode: string | undefined): string | undefined {
  return mode?.startsWith('service:') ? mode.slice('service:'.length) : undefined;
}

/**
 * The service with ids where it names other services' containers: what docker compose hashes and sends. As docker
 * compose does it, `volumes_from: [db:ro]` loses its mode. A service without a container stays a name.
 */
export function withContainerIds(service: Service, idOf: (service: string) => string | undefined): Service {
  if (sharedServices(service).length === 0 && !service.volumes_from?.length) return service;
  const mode = (text: string | undefined) => {
    const id = sharedService(text) === undefined ? undefined : idOf(sharedService(text) ?? '');
    return id === undefined ? text : `container:${id}`;
  };
  const replaced: Record<string, unknown> = { ...service };
  for (const field of ['network_mode', 'pid', 'ipc'] as const)
    if (service[field] !== undefined) replaced[field] = mode(service[field]);
  if (service.volumes_from)
    replaced['volumes_from'] = service.volumes_from.map((entry) => volumesOf(entry, idOf));
  return replaced as unknown as Service;
}

function volumesOf(entry: string, idOf: (service: string) => string | undefined): string {
  const [first = '', second = ''] = entry.split(':');
  if (first === 'container') return second;
  return idOf(first) ?? entry;
}
