import { containerName } from '#compose/names.ts';
import type { NetworkAttachment, Project, Service } from '#compose/project.ts';
import type { ContainerBody, EndpointBody } from '#engine/bodies.ts';
import type { BodyContext } from './context.ts';
import { apiAtLeast, compact, meaningful } from './units.ts';

const INTERFACE_NAME = 'com.docker.network.endpoint.ifname';
/** Engine 25: a container may be created on several networks at once, and has a hardware address per network. */
const MANY_NETWORKS_API = '1.44';

export interface Networking {
  readonly networkMode: string;
  readonly networkingConfig?: ContainerBody['NetworkingConfig'];
  readonly macAddress?: string | undefined;
  readonly connect: readonly { readonly network: string; readonly endpoint: EndpointBody }[];
}

/**
 * Which networks a container joins. The one of the highest priority is its network mode; the others are given at
 * creation where the engine takes them, else joined one by one before the start.
 */
export function networking(context: BodyContext): Networking {
  const { service, project } = context;
  if (service.network_mode)
    return { networkMode: service.network_mode, connect: [], macAddress: service.mac_address };
  const [primary, ...others] = networksByPriority(service);
  if (primary === undefined) return { networkMode: 'none', connect: [] };
  const all = apiAtLeast(context.apiVersion, MANY_NETWORKS_API);
  const entry = (key: string): [string, EndpointBody] => [networkName(project, key), endpoint(context, key)];
  const first = all ? withMac(entry(primary), service.mac_address) : entry(primary);
  return {
    networkMode: networkName(project, primary),
    networkingConfig: { EndpointsConfig: Object.fromEntries([first, ...(all ? others.map(entry) : [])]) },
    macAddress: all ? undefined : (service.mac_address ?? service.networks?.[primary]?.mac_address),
    connect: all
      ? []
      : others.map((key) => ({ network: networkName(project, key), endpoint: endpoint(context, key) })),
  };
}

/** The highest priority first, then by name: the order in which a container joins. */
export function networksByPriority(service: Service): string[] {
  const networks = Object.entries(service.networks ?? {});
  const priority = (attachment: NetworkAttachment | null) => attachment?.priority ?? 0;
  return networks
    .sort(([a, left], [b, right]) => priority(right) - priority(left) || (a < b ? -1 : 1))
    .map(([key]) => key);
}

export function networkName(project: Project, key: string): string {
  return project.networks[key]?.name ?? key;
}

function withMac([name, body]: [string, EndpointBody], mac: string | undefined): [string, EndpointBody] {
  return [name, mac === undefined || body.MacAddress !== undefined ? body : { ...body, MacAddress: mac }];
}

function endpoint(context: BodyContext, key: string): EndpointBody {
  const attachment = context.service.networks?.[key] ?? undefined;
  return compact({
    Aliases: aliases(context, attachment),
    Links: meaningful(context.links),
    ...(attachment === undefined ? {} : attachmentBody(attachment, context.apiVersion)),
  });
}

function attachmentBody(attachment: NetworkAttachment, apiVersion: string): EndpointBody {
  const opts = { ...attachment.driver_opts };
  if (attachment.interface_name) opts[INTERFACE_NAME] = attachment.interface_name;
  return compact({
    IPAMConfig: compact({
      IPv4Address: meaningful(attachment.ipv4_address),
      IPv6Address: meaningful(attachment.ipv6_address),
      LinkLocalIPs: meaningful(attachment.link_local_ips),
    }),
    MacAddress: apiAtLeast(apiVersion, MANY_NETWORKS_API) ? meaningful(attachment.mac_address) : undefined,
    DriverOpts: meaningful(opts),
    GwPriority: meaningful(attachment.gw_priority),
  });
}

function aliases(context: BodyContext, attachment: NetworkAttachment | undefined): string[] {
  const { project, service, serviceName, number } = context;
  const own = containerName(project.name, serviceName, { number, containerName: service.container_name });
  return [own, serviceName, ...(attachment?.aliases ?? [])];
}

/**
 * `links`, as docker compose has the engine write them: three names for each container of the linked service.
 * `containers`: names of the containers of a service.
 */
export function linksOf(
  input: { readonly project: string; readonly service: Service; readonly number: number },
  containers: (service: string) => readonly string[],
): string[] {
  const inside = (input.service.links ?? []).flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    const names = [alias, `${target}-${input.number}`, `${input.project}-${target}-${input.number}`];
    return containers(target).flatMap((container) => names.map((name) => `${container}:${name}`));
  });
  const outside = (input.service.external_links ?? []).map((link) => {
    const [target = '', alias = target] = link.split(':');
    return `${target}:${alias}`;
  });
  return [...inside, ...outside];
}
