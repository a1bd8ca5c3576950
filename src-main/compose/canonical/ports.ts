import { intNode, type MapNode, mapOf, type Node, stringNode } from '../yaml/nodes.ts';

/** One port of a `host:published:target/protocol` text; ranges make several. */
export interface PortSpec {
  readonly hostIp: string;
  readonly published: string;
  readonly target: number;
  readonly protocol: string;
}

const PROTOCOLS = new Set(['tcp', 'udp', 'sctp']);
const PORT_MAX = 65_535;

/** The text as ports, or what is wrong with it. */
export function parsePorts(text: string): readonly PortSpec[] | { readonly problem: string } {
  const { hostIp: rawIp, published, container } = split(text);
  const hostIp = stripBrackets(rawIp);
  if (hostIp === undefined || (hostIp !== '' && !isIpAddress(hostIp)))
    return { problem: `"${rawIp}" is no IP address` };
  const [targetText, protocol] = splitProtocol(container);
  if (targetText === '') return { problem: 'it names no port of the container' };
  const target = parseRange(targetText);
  if (target === undefined) return { problem: `"${targetText}" is no port of a container` };
  const host = published === '' ? undefined : parseRange(published);
  if (published !== '' && host === undefined) return { problem: `"${published}" is no port of the host` };
  const targets = target.end - target.start;
  const hosts = host === undefined ? targets : host.end - host.start;
  if (hosts !== targets && targets !== 0)
    return { problem: `the ranges ${published} and ${targetText} are not of the same length` };
  if (!PROTOCOLS.has(protocol)) return { problem: `"${protocol}" is no protocol` };
  return expand({ hostIp, protocol, target, host });
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function expand(ports: {
  readonly hostIp: string;
  readonly protocol: string;
  readonly target: Range;
  readonly host: Range | undefined;
}): PortSpec[] {
  const { hostIp, protocol, target, host } = ports;
  const result: PortSpec[] = [];
  for (let offset = 0; offset <= target.end - target.start; offset += 1) {
    let published = host === undefined ? '' : String(host.start + offset);
    // One port of the container and a range of the host: any of the range will do.
    if (host !== undefined && target.start === target.end && host.start !== host.end)
      published = `${host.start}-${host.end}`;
    result.push({ hostIp, protocol, target: target.start + offset, published });
  }
  // As text, which is how docker compose orders them.
  return result.sort((a, b) => (`${a.target}/` < `${b.target}/` ? -1 : 1));
}

function split(text: string): { hostIp: string; published: string; container: string } {
  const parts = text.split(':');
  const container = parts.at(-1) ?? '';
  if (parts.length === 1) return { hostIp: '', published: '', container };
  return { hostIp: parts.slice(0, -2).join(':'), published: parts.at(-2) ?? '', container };
}

function splitProtocol(container: string): [string, string] {
  const [port = '', protocol = ''] = container.split('/');
  return [port, protocol === '' || port === '' ? 'tcp' : protocol.toLowerCase()];
}

/** `[::1]` → `::1`; undefined when brackets do not match up. */
function stripBrackets(ip: string): string | undefined {
  if (ip.startsWith('[')) return ip.endsWith(']') ? ip.slice(1, -1) : undefined;
  return ip.includes(':') || ip.includes(']') ? undefined : ip;
}

function parseRange(text: string): Range | undefined {
  const [first = '', second] = text.split('-');
  const start = parsePort(first);
  const end = text.includes('-') ? parsePort(second ?? '') : start;
  return start === undefined || end === undefined || end < start ? undefined : { start, end };
}

function parsePort(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const port = Number(text);
  return port <= PORT_MAX ? port : undefined;
}

/** An IPv4 or IPv6 address, without a zone. */
export function isIpAddress(text: string): boolean {
  if (!text.includes(':')) return isIpv4(text);
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const embedded = last.includes('.');
  if (embedded && !isIpv4(last)) return false;
  const hex = embedded ? groups.slice(0, -1) : groups;
  const count = hex.length + (embedded ? 2 : 0);
  const complete = halves.length === 2 ? count < 8 : count === 8;
  return complete && hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group));
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** A port in the long form. */
export function portMap(port: PortSpec, at: Node): MapNode {
  return mapOf(
    {
      mode: stringNode('ingress', at),
      ...(port.hostIp !== '' && { host_ip: stringNode(port.hostIp, at) }),
      target: intNode(port.target, at),
      ...(port.published !== '' && { published: stringNode(port.published, at) }),
      protocol: stringNode(port.protocol, at),
    },
    at,
  );
}
