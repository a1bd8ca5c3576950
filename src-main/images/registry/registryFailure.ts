import { type AppError, AppFailure } from '#contract/errors.ts';

/** What was asked of a registry, for its failure to say. */
export interface Asked {
  /** As messages name it: `docker.io`. */
  readonly registry: string;
  /** As a person writes it: `acme/api:1.4`. */
  readonly image: string;
  /** Whether a stored login was sent. */
  readonly login: 'none' | 'sent';
}

/** Error codes that tell a missing repository from a missing tag. Source: OCI distribution specification, "Error Codes". */
const NO_REPOSITORY = 'NAME_UNKNOWN';
/** A body that explains is short. */
const EXPLANATION_BYTES = 16 * 1024;

/** The failure behind an answer of status 400 and above; reads its body. */
export async function failureOfAnswer(answer: Response, asked: Asked): Promise<AppFailure> {
  const code = await codeOf(answer);
  return new AppFailure(errorOf(answer, code, asked), {
    cause: new Error(`HTTP ${answer.status} ${code}`.trim()),
  });
}

function errorOf(answer: Response, code: string, asked: Asked): AppError {
  const { registry, image } = asked;
  switch (answer.status) {
    case 401:
      return refusedLogin(asked);
    case 403:
      return {
        kind: 'image.denied',
        image,
        registry,
        message: `${registry} does not let ${asked.login === 'sent' ? 'the stored login' : 'you'} have ${image}.`,
        hint: asked.login === 'sent' ? 'Ask for the right to read it.' : `Log in to ${registry}.`,
      };
    case 404:
      return code === NO_REPOSITORY
        ? { kind: 'image.notFound', image, message: `${registry} has no repository ${withoutTag(image)}.` }
        : { kind: 'image.notFound', image, message: `${registry} has no ${image}.`, hint: 'Check its tag.' };
    case 407:
      return {
        kind: 'registry.unreachable',
        registry,
        reason: 'proxy',
        message: `A proxy on the way to ${registry} wants a login.`,
        hint: 'Put it into HTTPS_PROXY.',
      };
    case 429:
      return rateLimited(answer, asked);
    default:
      return {
        kind: 'registry.unreachable',
        registry,
        reason: 'protocol',
        message: `${registry} answered ${answer.status} when asked for ${image}.`,
      };
  }
}

/** Refused although a login was sent: it has expired or was changed. Refused without one: nobody is logged in. */
export function refusedLogin({ registry, image, login }: Asked): AppError {
  return login === 'sent'
    ? {
        kind: 'image.expiredLogin',
        image,
        registry,
        message: `${registry} no longer takes the stored login.`,
        hint: `Log in to ${registry} again.`,
      }
    : {
        kind: 'image.denied',
        image,
        registry,
        message: `You are not logged in to ${registry}, which does not show ${image} to everybody.`,
        hint: `Log in to ${registry}.`,
      };
}

function rateLimited(answer: Response, { registry, image, login }: Asked): AppError {
  const retryAfterMs = retryAfter(answer.headers.get('retry-after'));
  const when = retryAfterMs === undefined ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s`;
  return {
    kind: 'image.rateLimited',
    image,
    registry,
    retryAfterMs,
    message: `${registry} lets no more requests through for now; it asks to come back ${when}.`,
    hint: login === 'sent' ? undefined : `Log in to ${registry}: it counts per account then.`,
  };
}

/** Seconds, or a date. Source: RFC 9110, Retry-After. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

async function codeOf(answer: Response): Promise<string> {
  const body = await limitedBody(answer, EXPLANATION_BYTES).catch(() => undefined);
  try {
    const parsed = JSON.parse(Buffer.from(body ?? []).toString('utf8')) as {
      errors?: readonly { code?: unknown }[];
    };
    const code = parsed.errors?.[0]?.code;
    return typeof code === 'string' ? code.slice(0, 100) : '';
  } catch {
    return ''; // a page for people, or nothing
  }
}

/** The whole body; undefined when it is longer than allowed. */
export async function limitedBody(answer: Response, limit: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += part.byteLength;
    if (length > limit) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What answered does not speak the protocol. */
export function protocolFailure(registry: string, message: string, cause?: unknown): AppFailure {
  return new AppFailure(
    { kind: 'registry.unreachable', registry, reason: 'protocol', message: `${registry}: ${message}` },
    { cause },
  );
}

/** The way to the registry failed. */
export function connectionFailure(registry: string, thrown: unknown): AppFailure {
  const code = causeCode(thrown);
  const [reason, message] = wayThere(code, registry);
  return new AppFailure({ kind: 'registry.unreachable', registry, reason, message }, { cause: thrown });
}

const PROXY_LOGIN = 'PROXY_LOGIN';

function wayThere(code: string, registry: string): ['network' | 'tls' | 'proxy' | 'protocol', string] {
  if (code === PROXY_LOGIN) return ['proxy', `A proxy on the way to ${registry} wants a login.`];
  if (/WRONG_VERSION|PACKET_LENGTH|HPE_|UND_ERR_SOCKET_PARSE/.test(code))
    return ['protocol', `${registry} does not answer as a registry does: it may speak plain HTTP (${code}).`];
  if (/CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO_/.test(code))
    return ['tls', `The certificate of ${registry} is not trusted here (${code}).`];
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) return ['network', `The name ${registry} cannot be found (${code}).`];
  if (/TIMEOUT|Timeout/.test(code)) return ['network', `${registry} does not answer in time.`];
  return ['network', `${registry} cannot be reached${code ? ` (${code})` : ''}.`];
}

function causeCode(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if (thrown.name === 'TimeoutError') return 'Timeout';
  const { cause } = thrown;
  if (typeof cause !== 'object' || cause === null) return '';
  // fetch hides a 407 behind a network error of no code and no words, and hides nothing else so. Source: Fetch standard,
  // HTTP-network-or-cache fetch, "if response's status is 407".
  if (cause instanceof Error && cause.message === '' && !('code' in cause)) return PROXY_LOGIN;
  return 'code' in cause ? String(cause.code) : '';
}

function withoutTag(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
