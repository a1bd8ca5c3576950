import type { GatewayRoute } from './gatewayRoutes.ts';

/** One open project, as the gateway sees it. */
export interface GatewaySite {
  readonly project: string;
  readonly routes: readonly GatewayRoute[];
  /** All services of the project, those without an HTTP port too. */
  readonly services: readonly string[];
}

/** What a request is for. */
export type GatewayMatch<Site extends GatewaySite> =
  | { readonly type: 'route'; readonly site: Site; readonly route: GatewayRoute; readonly path: string }
  /** No rule leads on from here: a list of what there is. */
  | { readonly type: 'index'; readonly site?: Site | undefined }
  /** The service is there and speaks no HTTP that is known of. */
  | { readonly type: 'noPort'; readonly site: Site; readonly service: string }
  | { readonly type: 'unknown'; readonly name: string }
  /** Not a name of this machine: somebody's rebound name, or a program that mistook the address. */
  | { readonly type: 'foreign' };

const OWN_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Decides by host first, `SERVICE.PROJECT.localhost`, then, for `PROJECT.localhost`, by the longest path rule. `path` is
 * what the service is to see.
 */
export function matchGateway<Site extends GatewaySite>(
  asked: { readonly host: string | undefined; readonly path: string },
  sites: readonly Site[],
): GatewayMatch<Site> {
  const name = hostName(asked.host);
  if (OWN_NAMES.has(name)) return { type: 'index' };
  if (!name.endsWith('.localhost')) return { type: 'foreign' };
  const inner = name.slice(0, -'.localhost'.length);
  const whole = sites.find(({ project }) => same(project, inner));
  if (whole !== undefined) return byPath(whole, asked.path);
  for (const site of sites) {
    const service = serviceOf(inner, site);
    if (service !== undefined) return byService(site, service, asked.path);
  }
  return { type: 'unknown', name: inner };
}

function byService<Site extends GatewaySite>(site: Site, service: string, path: string): GatewayMatch<Site> {
  const route = site.routes.find((entry) => entry.service === service);
  return route === undefined ? { type: 'noPort', site, service } : { type: 'route', site, route, path };
}

function byPath<Site extends GatewaySite>(site: Site, path: string): GatewayMatch<Site> {
  const [bare = ''] = path.split('?');
  const rules = site.routes.flatMap((route) => route.paths.map((prefix) => ({ route, prefix })));
  const [rule] = rules
    .filter(({ prefix }) => bare === prefix || bare.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  if (rule === undefined) return { type: 'index', site };
  const { route, prefix } = rule;
  const rest = path.slice(prefix.length);
  return {
    type: 'route',
    site,
    route,
    path: route.strip ? (rest.startsWith('/') ? rest : `/${rest}`) : path,
  };
}

function serviceOf(inner: string, { project, services }: GatewaySite): string | undefined {
  const suffix = `.${project}`.toLowerCase();
  if (!inner.endsWith(suffix)) return undefined;
  const name = inner.slice(0, -suffix.length);
  return (
    services.find((service) => same(service, name)) ?? services.find((service) => same(dashed(service), name))
  );
}

/** Host names may not hold `_`, though most programs let it pass: `user-api` means `user_api` too. */
function dashed(name: string): string {
  return name.replaceAll('_', '-');
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function hostName(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}
