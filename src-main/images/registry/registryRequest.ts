import { AppFailure } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/engine.ts';

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
  /** The repository that a token is asked for. */
  readonly repository: string;
}

/** Longer than any registry that works takes for a header. */
const ANSWER_TIMEOUT_MS = 15_000;

/**
 * Asks a registry, with the token or the login that it wants. Answers of status 400 and above come back for the caller to
 * judge, except a refused login. Source: distribution specification, "token authentication".
 */
export async function registryRequest(access: RegistryAccess, request: RegistryRequest): Promise<Response> {
  const first = await send(access, request);
  if (first.status !== 401) return first;
  await first.body?.cancel();
  const challenge = parseChallenge(first.headers.get('www-authenticate') ?? '');
  if (challenge?.scheme === 'basic' && access.auth?.username)
    return send(access, request, basic(access.auth));
  if (challenge?.scheme !== 'bearer') throw denied(access, request);
  return send(access, request, `Bearer ${await token(access, request, challenge.parameters)}`);
}

async function send(
  access: RegistryAccess,
  request: RegistryRequest,
  authorization?: string,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (request.accept) headers['accept'] = request.accept.join(', ');
  if (authorization) headers['authorization'] = authorization;
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const signal = access.signal ? AbortSignal.any([access.signal, timeout]) : timeout;
  try {
    return await access.fetch(`${access.baseUrl}/v2/${request.path}`, {
      method: request.method ?? 'GET',
      headers,
      signal,
    });
  } catch (thrown) {
    throw unreachableRegistry(access, thrown);
  }
}

async function token(
  access: RegistryAccess,
  request: RegistryRequest,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const realm = safeUrl(parameters['realm'] ?? '');
  if (!realm) throw protocolError(access, 'It asks for a token but does not say where.');
  realm.searchParams.set('scope', `repository:${request.repository}:pull`);
  if (parameters['service']) realm.searchParams.set('service', parameters['service']);
  const headers: Record<string, string> = access.auth?.username ? { authorization: basic(access.auth) } : {};
  const answer = await access.fetch(realm, {
    headers,
    signal: access.signal ?? AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  if (answer.status === 401 || answer.status === 403) throw denied(access, request);
  const body = (await answer.json().catch(() => undefined)) as
    | { token?: unknown; access_token?: unknown }
    | undefined;
  const found = body?.token ?? body?.access_token;
  if (typeof found !== 'string') throw protocolError(access, `Its token server answered ${answer.status}.`);
  return found;
}

/** A realm is the registry's word: only web addresses, so that a login is not sent anywhere else. */
function safeUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
  } catch {
    return undefined;
  }
}

function basic(auth: RegistryAuth): string {
  return `Basic ${Buffer.from(`${auth.username ?? ''}:${auth.password ?? ''}`).toString('base64')}`;
}

/** `Bearer realm="…",service="…"`. */
export function parseChallenge(
  header: string,
): { scheme: string; parameters: Readonly<Record<string, string>> } | undefined {
  const match = /^\s*(\w+)\s*(.*)$/.exec(header);
  if (!match?.[1]) return undefined;
  const parameters = [...(match[2] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((found) => [
    found[1] ?? '',
    found[2] ?? '',
  ]);
  return { scheme: match[1].toLowerCase(), parameters: Object.fromEntries(parameters) };
}

function denied(access: RegistryAccess, request: RegistryRequest): AppFailure {
  return new AppFailure({
    kind: 'image.denied',
    image: request.repository,
    registry: access.name,
    message: `${access.name} does not let you see ${request.repository}.`,
    hint: access.auth?.username ? 'The stored login may have expired.' : `Log in to ${access.name}.`,
  });
}

function protocolError(access: RegistryAccess, message: string): AppFailure {
  return new AppFailure({
    kind: 'registry.unreachable',
    registry: access.name,
    reason: 'protocol',
    message: `${access.name}: ${message}`,
  });
}

function unreachableRegistry(access: RegistryAccess, thrown: unknown): AppFailure {
  const code = causeCode(thrown);
  const reason = /CERT|TLS|SSL|SELF_SIGNED/.test(code) ? 'tls' : 'network';
  return new AppFailure(
    {
      kind: 'registry.unreachable',
      registry: access.name,
      reason,
      message: `${access.name} does not answer${code ? ` (${code})` : ''}.`,
    },
    { cause: thrown },
  );
}

function causeCode(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
}
