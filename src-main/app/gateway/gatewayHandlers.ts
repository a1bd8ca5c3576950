import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { gatewayAddress } from '#contract/gatewayAddress.ts';
import { unreachable } from '#contract/unreachable.ts';
import { addressesOf, dial, type Reach } from './dial.ts';
import { forwardHttp, forwardHttp2, forwardUpgrade, hostOf } from './forward.ts';
import { type GatewayMatch, matchGateway } from './gatewayMatch.ts';
import {
  downPage,
  type GatewayPage,
  PAGE_HEADERS,
  renderPage,
  silentPage,
  waitingPage,
} from './gatewayPages.ts';
import type { OpenSite } from './gatewaySites.ts';
import { gatewayState } from './gatewayState.ts';
import { isForeign } from './isForeign.ts';
import { RoundRobin } from './roundRobin.ts';
import type { AnyRequest, AnyResponse } from './sniffingServer.ts';

export interface GatewayWorld {
  readonly sites: () => readonly OpenSite[];
  readonly reach: () => Reach;
  readonly now: () => number;
  readonly port: () => number;
}

type Match = GatewayMatch<OpenSite>;
type RouteMatch = Extract<Match, { type: 'route' }>;
type Found =
  | { readonly type: 'open'; readonly socket: import('node:net').Socket }
  | { readonly type: 'page'; readonly page: GatewayPage };

/** A server says that it has started some time before it listens. */
const SETTLING_MS = 30_000;
/** A replica that goes while it is being asked: as many others are tried. */
const TRIES = 3;
/** The proxy's and our own, rounded up. */
const LISTENERS_PER_TRY = 10;

/** What the gateway does with requests; the listener is elsewhere. */
export class GatewayHandlers {
  readonly #world: GatewayWorld;
  readonly #turns = new RoundRobin();

  constructor(world: GatewayWorld) {
    this.#world = world;
  }

  readonly request = (request: AnyRequest, response: AnyResponse): void => {
    this.#answer(request, response).catch(() => breakOff(response));
  };

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Whoever asks for HTTP/2 in this way takes HTTP/1.1 as well. Source: RFC 9110, 7.8.
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      this.request(request, responseOn(request, socket));
      return;
    }
    this.#join(request, socket, head).catch(() => socket.destroy());
  };

  async #answer(request: AnyRequest, response: AnyResponse): Promise<void> {
    const match = this.#match(request);
    if (match.type !== 'route') return sendPage(request, response, this.#page(match));
    // Every try listens anew for the end of the same answer.
    (response as ServerResponse).setMaxListeners(TRIES * LISTENERS_PER_TRY);
    for (let left = TRIES; left > 0; left -= 1) {
      const found = await this.#connect(match, request);
      if (found.type === 'page') return sendPage(request, response, found.page);
      if (await this.#carried(match, { request, response, upstream: found.socket, last: left === 1 })) return;
    }
  }

  /** False where nothing had been answered, so that another replica may be asked. */
  async #carried(
    { route, path, site }: RouteMatch,
    way: {
      readonly request: AnyRequest;
      readonly response: AnyResponse;
      readonly upstream: import('node:net').Socket;
      readonly last: boolean;
    },
  ): Promise<boolean> {
    const { request, response, upstream, last } = way;
    request.url = path;
    try {
      await (route.protocol === 'h2c' ? forwardHttp2 : forwardHttp)(request, response, upstream);
      return true;
    } catch {
      if (response.headersSent || response.destroyed) breakOff(response);
      else if (!last && isRepeatable(request)) return false;
      else sendPage(request, response, brokenPage(route.service, site.project));
      return true;
    }
  }

  async #join(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const match = this.#match(request);
    if (match.type !== 'route') {
      return sendPage(request, responseOn(request, socket), this.#page(match));
    }
    const found = await this.#connect(match, request);
    if (found.type === 'page') return sendPage(request, responseOn(request, socket), found.page);
    request.url = match.path;
    await forwardUpgrade(request, socket, head, found.socket);
  }

  #match(request: AnyRequest): Match {
    if (isForeign(request.headers)) return { type: 'foreign' };
    return matchGateway({ host: hostOf(request), path: request.url ?? '/' }, this.#world.sites());
  }

  /** A connection to a replica that is ready, in turn; else what to say. */
  async #connect({ site, route }: RouteMatch, request: AnyRequest): Promise<Found> {
    const { service, port } = route;
    const record = site.record(service);
    if (record === undefined) return { type: 'page', page: downPage(service, 'is not known yet', undefined) };
    const state = gatewayState(record, site.replicas(service), this.#world.now());
    if (state.type === 'waiting') return { type: 'page', page: waitingPage(service, state.words) };
    if (state.type === 'down') return { type: 'page', page: downPage(service, state.words, state.card) };
    const gone = new AbortController();
    request.once('close', () => gone.abort());
    for (const replica of this.#turns.order(`${site.project}/${service}`, state.replicas)) {
      const socket = await dial(addressesOf(replica, port, this.#world.reach()), gone.signal);
      if (socket !== undefined) return { type: 'open', socket };
    }
    const since = Math.max(...state.replicas.map(({ startedAt = 0 }) => startedAt));
    const settling = this.#world.now() - since < SETTLING_MS;
    const words = `It has started, and does not listen on port ${port} yet.`;
    return { type: 'page', page: settling ? waitingPage(service, words) : silentPage(service, port) };
  }

  #page(match: Exclude<Match, RouteMatch>): GatewayPage {
    switch (match.type) {
      case 'index':
        return this.#index(match.site === undefined ? this.#world.sites() : [match.site]);
      case 'noPort':
        return {
          status: 404,
          title: `${match.service} has no HTTP port`,
          words: 'If it has one, say so in the compose file: x-slipway: { gateway: { port: … } }.',
        };
      case 'unknown':
        return { ...this.#index(this.#world.sites()), status: 404, title: `There is no ${match.name} here` };
      case 'foreign':
        return {
          status: 403,
          title: 'Not for you',
          words: 'The gateway answers names below localhost, to programs and pages of this machine.',
        };
      default:
        return unreachable(match);
    }
  }

  #index(sites: readonly OpenSite[]): GatewayPage {
    const port = this.#world.port();
    const links = sites.flatMap(({ project, routes }) =>
      routes.map(({ service }) => ({
        text: `${service}.${project}`,
        url: gatewayAddress({ service, project, port }),
      })),
    );
    return {
      status: 200,
      title: 'Services of this machine',
      words: links.length === 0 ? 'No open project has a service with an HTTP port.' : '',
      links,
    };
  }
}

function brokenPage(service: string, project: string): GatewayPage {
  return {
    status: 502,
    title: `${service} broke the connection`,
    words: `A replica of ${service} in ${project} took the request and ended the connection without an answer.`,
  };
}

/** Nothing was sent with it that would be lost, and asking twice is as good as once. Source: RFC 9110, 9.2.2. */
function isRepeatable({ method = 'GET', headers }: AnyRequest): boolean {
  const carries = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return ['GET', 'HEAD', 'OPTIONS'].includes(method) && !carries;
}

function sendPage(request: AnyRequest, response: AnyResponse, page: GatewayPage): void {
  const { type, body } = renderPage(page, request.headers.accept);
  const again = page.againInSeconds === undefined ? {} : { 'retry-after': String(page.againInSeconds) };
  const headers = {
    ...PAGE_HEADERS,
    ...again,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  };
  const plain = response as ServerResponse;
  plain.writeHead(page.status, headers);
  plain.end(request.method === 'HEAD' ? undefined : body);
}

function breakOff(response: AnyResponse): void {
  if ('stream' in response) response.stream?.close();
  else response.destroy();
}

/** An answer on a socket that Node has handed over. */
function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as never);
  response.once('finish', () => socket.end());
  return response;
}
