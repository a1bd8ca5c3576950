import type { Project, Service } from '#compose/project.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { middlewareOf } from '../middlewareOf.ts';
import { isTls, speaksHttp } from '../publishedPorts.ts';

/** How the gateway reaches one service. */
export interface GatewayRoute {
  readonly service: string;
  /** The port inside the container. */
  readonly port: number;
  /** `h2c`: HTTP/2 without TLS to the service too, as gRPC wants it. */
  readonly protocol: 'http' | 'h2c';
  /** Prefixes under `PROJECT.localhost` that lead here, each beginning with `/` and without one at the end. */
  readonly paths: readonly string[];
  /** The service sees the path without the prefix. */
  readonly strip: boolean;
}

/** Ports that web servers are usually given, the likeliest first: the choice among many that only the image names. */
const USUAL_PORTS = [80, 8080, 3000, 8000, 5000, 4000, 9000];
const H2C = /^(h2c|grpc|http2)$/i;

/**
 * The services that have an HTTP port, in the order of the names. A service says it itself with `x-slipway: { gateway: {
 * port, paths, strip, protocol } }`, or `gateway: false`; else it is the first port of `ports`, `expose` or the image that can be HTTP.
 */
export function gatewayRoutes(project: Project, containers: readonly ObservedContainer[]): GatewayRoute[] {
  return Object.keys(project.services)
    .sort()
    .flatMap((name) => gatewayRoute(project, name, containers) ?? []);
}

/** The route of one service; undefined where nothing of it speaks HTTP. */
export function gatewayRoute(
  project: Project,
  name: string,
  containers: readonly ObservedContainer[],
): GatewayRoute | undefined {
  const service = project.services[name];
  const said = ownWord(project, name);
  if (service === undefined || said === false) return undefined;
  const wish = isRecord(said) ? said : {};
  // What a database's image exposes beside its own port is for monitoring.
  const isStore = middlewareOf(project, name)?.profile.data !== undefined;
  const port = portNumber(wish['port']) ?? httpPort(service, isStore ? [] : exposedBy(containers, name));
  if (port === undefined) return undefined;
  return {
    service: name,
    port,
    protocol: H2C.test(protocolOf(wish, service, port)) ? 'h2c' : 'http',
    paths: prefixes(wish['paths'] ?? wish['path']),
    strip: wish['strip'] === true,
  };
}

function ownWord(project: Project, name: string): unknown {
  const ours = project.serviceExtensions[name]?.['x-slipway'];
  return isRecord(ours) ? ours['gateway'] : undefined;
}

function protocolOf(wish: Readonly<Record<string, unknown>>, service: Service, port: number): string {
  const said = wish['protocol'] ?? service.ports?.find(({ target }) => target === port)?.app_protocol;
  return typeof said === 'string' ? said : '';
}

function httpPort(service: Service, exposed: readonly number[]): number | undefined {
  const published = (service.ports ?? []).flatMap(({ target, protocol, app_protocol }) =>
    target !== undefined && isPlainHttp(target, protocol, app_protocol) ? [target] : [],
  );
  const named = (service.expose ?? []).flatMap((text) => {
    const [port = '', protocol] = String(text).split('/');
    return isPlainHttp(Number(port), protocol, undefined) ? [Number(port)] : [];
  });
  return published[0] ?? named[0] ?? likeliest(exposed);
}

function isPlainHttp(target: number, protocol: string | undefined, appProtocol: string | undefined): boolean {
  return speaksHttp({ target, protocol: protocol ?? 'tcp', appProtocol }) && !isTls(target, appProtocol);
}

function likeliest(ports: readonly number[]): number | undefined {
  const able = ports.filter((port) => isPlainHttp(port, 'tcp', undefined)).sort((a, b) => a - b);
  return USUAL_PORTS.find((port) => able.includes(port)) ?? able[0];
}

function exposedBy(containers: readonly ObservedContainer[], service: string): readonly number[] {
  const ports = containers
    .filter((container) => container.service === service && !container.oneOff)
    .flatMap((container) => container.ports)
    .filter(({ protocol }) => protocol === 'tcp');
  return [...new Set(ports.map(({ containerPort }) => containerPort))];
}

function portNumber(value: unknown): number | undefined {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function prefixes(value: unknown): string[] {
  const listed = Array.isArray(value) ? value : [value];
  return listed
    .filter((entry) => typeof entry === 'string' && entry.startsWith('/'))
    .map((entry: string) => entry.replace(/\/+$/, ''));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
