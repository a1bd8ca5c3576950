import type { Port, Service } from '#compose/project.ts';
import type { PublishedPort } from '#contract/model.ts';
import type { ObservedContainer } from '#plan/observed.ts';

/** Well-known ports of protocols that no browser speaks: databases, caches, brokers, mail, shells. */
const NOT_HTTP = new Set([
  21, 22, 23, 25, 53, 110, 143, 389, 465, 587, 636, 993, 995, 1025, 1433, 1521, 1883, 2181, 2375, 2376, 3306,
  3307, 4222, 4369, 5432, 5433, 5671, 5672, 6379, 6380, 6432, 7687, 8883, 9042, 9092, 9093, 9300, 11211,
  25672, 26257, 27017, 27018, 33060, 61613, 61616,
]);
const TLS_PORTS = new Set([443, 8443, 9443]);
const ANY_ADDRESS = new Set(['', '0.0.0.0', '::', '[::]']);

const NONE: PublishedPort[] = [];

/** The ports of a service as one can reach them: what the engine has bound, or, before it runs, what the file fixes. */
export function publishedPorts(service: Service, replicas: readonly ObservedContainer[]): PublishedPort[] {
  const bound = replicas.flatMap((replica) =>
    withoutTwins(replica.ports).flatMap((port) => boundPort(port, service)),
  );
  const wanted = bound.length > 0 ? bound : (service.ports ?? []).flatMap((port) => fixedPort(port));
  if (wanted.length === 0) return NONE;
  const unique = new Map(wanted.map((port) => [`${port.host} ${port.published} ${port.protocol}`, port]));
  return [...unique.values()].sort((a, b) => a.published - b.published || (a.protocol < b.protocol ? -1 : 1));
}

/**
 * A port on every address is bound twice, for IPv4 and for IPv6, and where any free one was asked for the two differ: the first
 * answers under every name of this machine.
 */
function withoutTwins(ports: ObservedContainer['ports']): ObservedContainer['ports'] {
  const key = ({ containerPort, protocol }: ObservedContainer['ports'][number]) =>
    `${containerPort}/${protocol}`;
  const onIpv4 = new Set(ports.filter(({ hostIp }) => hostIp === '0.0.0.0').map(key));
  return ports.filter((port) => port.hostIp !== '::' || !onIpv4.has(key(port)));
}

function boundPort(port: ObservedContainer['ports'][number], service: Service): PublishedPort[] {
  if (port.hostPort === undefined || port.hostPort === 0) return [];
  const definition = service.ports?.find((entry) => entry.target === port.containerPort);
  return [
    publishedPort({
      hostIp: port.hostIp,
      published: port.hostPort,
      target: port.containerPort,
      protocol: port.protocol,
      appProtocol: definition?.app_protocol,
    }),
  ];
}

/** A range or "any free port" has no number before it runs. */
function fixedPort(port: Port): PublishedPort[] {
  if (port.target === undefined || port.published === undefined || !/^\d+$/.test(port.published)) return [];
  if (port.published === '0') return [];
  return [
    publishedPort({
      hostIp: port.host_ip,
      published: Number(port.published),
      target: port.target,
      protocol: port.protocol ?? 'tcp',
      appProtocol: port.app_protocol,
    }),
  ];
}

function publishedPort(facts: {
  readonly hostIp: string | undefined;
  readonly published: number;
  readonly target: number;
  readonly protocol: string;
  readonly appProtocol: string | undefined;
}): PublishedPort {
  const address = facts.hostIp ?? '';
  // Docker binds IPv4 and IPv6 separately; for a reader `0.0.0.0` and `::` are the same port.
  const host = ANY_ADDRESS.has(address) ? '0.0.0.0' : address;
  const { published, target, protocol } = facts;
  return { host, published, target, protocol, url: urlOf(facts, host) };
}

function urlOf(facts: Parameters<typeof publishedPort>[0], host: string): string | undefined {
  if (!speaksHttp(facts)) return undefined;
  const scheme = isTls(facts.target, facts.appProtocol) ? 'https' : 'http';
  const name =
    host === '0.0.0.0' || host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const usual = scheme === 'https' ? 443 : 80;
  return `${scheme}://${name}${facts.published === usual ? '' : `:${facts.published}`}`;
}

/** Could a browser be answered here? What the file says counts, then whether the port is known for something else. */
export function speaksHttp(port: {
  readonly target: number;
  readonly protocol: string;
  readonly appProtocol: string | undefined;
}): boolean {
  if (port.protocol !== 'tcp') return false;
  const said = port.appProtocol?.toLowerCase();
  return said === undefined
    ? !NOT_HTTP.has(port.target)
    : /^(https?|h2c?|http2|grpc(-web)?|ws|wss)$/.test(said);
}

/** Does this port want TLS? */
export function isTls(target: number, appProtocol: string | undefined): boolean {
  const said = appProtocol?.toLowerCase();
  return said === undefined ? TLS_PORTS.has(target) : said === 'https' || said === 'wss';
}
