/** Where an engine may listen, and who said so. */
export interface EngineEndpoint {
  readonly address: EngineAddress;
  /** As in DOCKER_HOST, e.g. `unix:///var/run/docker.sock`; what messages and the doctor show. */
  readonly url: string;
  /** What named it: `DOCKER_HOST`, `docker context "colima"`, `Docker Desktop` … */
  readonly source: string;
  /** The user chose it (variable, context): nothing else is tried then, as docker's own tools do. */
  readonly explicit: boolean;
}

export type EngineAddress =
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'npipe'; readonly path: string }
  | {
      readonly type: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls?: TlsMaterial | undefined;
    }
  | {
      readonly type: 'ssh';
      readonly host: string;
      readonly port?: number | undefined;
      readonly user?: string | undefined;
      /** Socket on the far side, where it is not the default one. */
      readonly path?: string | undefined;
    };

/** PEM texts. Without `ca` the system's authorities are asked. */
export interface TlsMaterial {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly skipVerify: boolean;
}

const TLS_PORT = 2376;
const PLAIN_PORT = 2375;
const WINDOWS_PIPE = '//./pipe/docker_engine';
const UNIX_SOCKET = '/var/run/docker.sock';

/**
 * Reads an address as DOCKER_HOST takes it. Undefined where it is none.
 * Source: docker CLI `opts/hosts.go`: a missing scheme means tcp, a missing path or port means the default one.
 */
export function parseEngineAddress(text: string, tls?: TlsMaterial): EngineAddress | undefined {
  const trimmed = text.trim();
  const scheme = /^([a-z]+):\/\//.exec(trimmed)?.[1];
  const rest = scheme === undefined ? trimmed : trimmed.slice(scheme.length + 3);
  switch (scheme) {
    case 'unix':
      return { type: 'unix', path: rest || UNIX_SOCKET };
    case 'npipe':
      return { type: 'npipe', path: rest || WINDOWS_PIPE };
    case 'ssh':
      return parseSsh(trimmed);
    case undefined:
    case 'tcp':
    case 'http':
    case 'https':
      return parseTcp(rest, scheme === 'https' ? (tls ?? { skipVerify: false }) : tls);
    default:
      return undefined;
  }
}

/** The inverse of `parseEngineAddress`, for messages. */
export function formatEngineAddress(address: EngineAddress): string {
  switch (address.type) {
    case 'unix':
    case 'npipe':
      return `${address.type}://${address.path}`;
    case 'tcp':
      return `tcp://${bracketed(address.host)}:${address.port}`;
    case 'ssh': {
      const user = address.user === undefined ? '' : `${address.user}@`;
      const port = address.port === undefined ? '' : `:${address.port}`;
      return `ssh://${user}${bracketed(address.host)}${port}${address.path ?? ''}`;
    }
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function parseTcp(rest: string, tls: TlsMaterial | undefined): EngineAddress | undefined {
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (url === undefined || url.hostname === '') return undefined;
  // URL drops a port that is http's default, so it is read from the text.
  const written = /:(\d+)(?:\/.*)?$/.exec(rest)?.[1];
  const port = written === undefined ? (tls === undefined ? PLAIN_PORT : TLS_PORT) : Number(written);
  return { type: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port, tls };
}

function parseSsh(text: string): EngineAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // A leading dash would be read as an option by ssh.
  if (url === undefined || url.hostname === '' || url.hostname.startsWith('-')) return undefined;
  return {
    type: 'ssh',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    path: url.pathname === '' || url.pathname === '/' ? undefined : url.pathname,
  };
}
