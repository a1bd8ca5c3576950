import type { Service } from '#compose/project.ts';
import type { ContainerBody, HostConfigBody } from '#engine/bodies.ts';
import { sortKeys } from './labels.ts';

/** The ports that the container listens on. `expose` goes as it stands in the file, as docker compose sends it. */
export function exposedPorts(service: Service): ContainerBody['ExposedPorts'] {
  const keys = [...(service.expose ?? []), ...(service.ports ?? []).map(portKey)];
  return Object.fromEntries([...new Set(keys)].sort().map((key) => [key, {}]));
}

export function portBindings(service: Service): HostConfigBody['PortBindings'] {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of service.ports ?? []) {
    const list = bindings[portKey(port)] ?? [];
    list.push({ HostIp: port.host_ip ?? '', HostPort: port.published ?? '' });
    bindings[portKey(port)] = list;
  }
  return sortKeys(bindings);
}

/** Whether the engine chooses the host port out of a range: it does not do that atomically. */
export function publishesRange(service: Service): boolean {
  return (service.ports ?? []).some((port) => port.published?.includes('-'));
}

function portKey(port: { readonly target?: number; readonly protocol?: string }): string {
  return `${port.target ?? 0}/${port.protocol ?? 'tcp'}`;
}
