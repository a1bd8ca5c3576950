import { AppFailure, throwIfCancelled } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/images.ts';
import {
  type Asked,
  connectionFailure,
  failureOfAnswer,
  protocolFailure,
  refusedLogin,
} from './registryFailure.ts';

/** Where one registry answers, and who asks. */
export interface RegistryAccess {
  /** With scheme, without a path: `https://registry-1.docker.io`. */
  readonly baseUrl: string;
  /** As messages name it: `docker.io`. */
  readonly name: string;
  readonly auth?: RegistryAuth | undefined;
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
}

export interface RegistryRequest {
  readonly method?: 'GET' | 'HEAD';
  /** Below `/v2/`. */
  readonly path: string;
  readonly accept?: readonly string[];
  /** The repository that a token is asked for; absent for the registry as a whole. */
  readonly repository?: string | undefined;
  /** As failures name it. */
  readonly image: string;
}

/** Longer than any registry that works takes for a header. */
const ANSWER_TIMEOUT_MS = 15_000;
/** What asks for tokens has to name itself. Source: distribution specification, OAuth2 flow. */
const CLIENT_ID = 'slipway';

/**
 * Asks a registry, with the token or the login that it wants, and resolves with an answer of success. Everything else rejects:
 * `image.denied`, `image.expiredLogin`, `image.notFound`, `image.rateLimited`, `registry.unreachable`, `cancelled`.
 * Source: distribution specification, "token authentication".
 */
export async function registryRequest(access: RegistryAccess, request: RegistryRequest): Promise<Response> {
  const first = await send(
    access,
    request,
    access.auth?.registryToken && `Bearer ${access.auth.registryToken}`,
  );
  if (first.status !== 401) return judged(first, access, request);
  const challenge = parseChallenge(first.headers.get('www-authenticate') ?? '');
  await first.body?.cancel();
  const authorization = await answerTo(challenge, access, request);
  if (authorization === undefined) throw new AppFailure(refusedLogin(askedOf(access, request)));
  return judged(await send(access, request, authorization), access, request);
}

async function judged(answer: Response, access: RegistryAccess, request: RegistryRequest): Promise<Response> {
  if (answer.ok) return answer;
  throw await failureOfAnswer(answer, askedOf(access, request));
}

function askedOf(access: RegistryAccess, request: RegistryRequest): Asked {
  return { registry: access.name, image: request.image, login: hasLogin(access.auth) ? 'sent' : 'none' };
}

function hasLogin(auth: RegistryAuth | undefined): boolean {
  return Boolean(auth?.username || auth?.identityToken || auth?.registryToken);
}

async function answerTo(
  challenge: Challenge | undefined,
  access: RegistryAccess,
  request: RegistryRequest,
): Promise<string | undefined> {
  if (challenge?.scheme === 'bearer') return `Bearer ${await token(access, request, challenge.parameters)}`;
  return challenge?.scheme === 'basic' && access.auth?.username ? basic(access.auth) : undefined;
}

async function send(
  access: RegistryAccess,
  request: RegistryRequest,
  authorization?: string,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (request.accept) headers['accept'] = request.accept.join(', ');
  if (authorization) headers['authorization'] = authorization;
  return ask(access, `${access.baseUrl}/v2/${request.path}`, { method: request.method ?? 'GET', headers });
}

async function ask(access: RegistryAccess, url: string | URL, init: RequestInit): Promise<Response> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const signal = access.signal ? AbortSignal.any([access.signal, timeout]) : timeout;
  try {
    return await access.fetch(url, { ...init, signal });
  } catch (thrown) {
    throwIfCancelled(access.signal);
    throw connectionFailure(access.name, thrown);
  }
}

async function token(
  access: RegistryAccess,
  request: RegistryRequest,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const realm = realmOf(access, parameters['realm'] ?? '');
  const scope = request.repository === undefined ? undefined : `repository:${request.repository}:pull`;
  const wanted = { service: parameters['service'], scope };
  const answer = await (access.auth?.identityToken
    ? ask(access, realm, refresh(access.auth.identityToken, wanted))
    : ask(access, withQuery(realm, wanted), login(access.auth)));
  if (!answer.ok) throw await failureOfAnswer(answer, askedOf(access, request));
  const body = (await answer.json().catch(() => undefined)) as
    | { token?: unknown; access_token?: unknown }
    | undefined;
  const found = body?.token ?? body?.access_token;
  if (typeof found === 'string' && found !== '') return found;
  throw protocolFailure(access.name, 'its token server gave no token.');
}

type Wanted = { readonly service: string | undefined; readonly scope: string | undefined };

function refresh(identityToken: string, { service, scope }: Wanted): RequestInit {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: identityToken,
    client_id: CLIENT_ID,
  });
  if (service) form.set('service', service);
  if (scope) form.set('scope', scope);
  return { method: 'POST', body: form };
}

function withQuery(realm: URL, { service, scope }: Wanted): URL {
  const url = new URL(realm);
  if (scope) url.searchParams.set('scope', scope);
  if (service) url.searchParams.set('service', service);
  return url;
}

function login(auth: RegistryAuth | undefined): RequestInit {
  return auth?.username ? { headers: { authorization: basic(auth) } } : {};
}

/**
 * Where the login is sent to is the registry's word. A registry reached over TLS may not send it on in clear.
 */
function realmOf(access: RegistryAccess, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secure = access.baseUrl.startsWith('https:');
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && !secure)) return url;
  throw protocolFailure(access.name, 'it wants a token, but names no safe place to get one.');
}

function basic(auth: RegistryAuth): string {
  return `Basic ${Buffer.from(`${auth.username ?? ''}:${auth.password ?? ''}`).toString('base64')}`;
}

interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** `Bearer realm="…",service="…"`. */
export function parseChallenge(header: string): Challenge | undefined {
  const match = /^\s*(\w+)\s*(.*)$/.exec(header);
  if (!match?.[1]) return undefined;
  const parameters = [...(match[2] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((found) => [
    found[1] ?? '',
    found[2] ?? '',
  ]);
  return { scheme: match[1].toLowerCase(), parameters: Object.fromEntries(parameters) };
}
