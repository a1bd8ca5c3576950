import { createHash } from 'node:crypto';
import { AppFailure } from '#contract/errors.ts';
import {
  type EngineEndpoint,
  formatEngineAddress,
  parseEngineAddress,
  type TlsMaterial,
} from './endpoints.ts';
import { usualEndpoints } from './usualEndpoints.ts';

/** What finding an engine looks at; comes in from outside. */
export interface EngineEnvironment {
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  readonly home: string;
  readonly userId?: number | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Undefined where there is no such file or it may not be read. */
  readonly readFile: (path: string) => Promise<string | undefined>;
}

/**
 * Where an engine may be, in the order docker's own tools look: DOCKER_HOST, DOCKER_CONTEXT, the current context of docker's
 * configuration; each of these stands alone, since the user chose it. Else the usual sockets, all of them.
 * Rejects with `engine.unreachable` where what the user chose does not exist or cannot be read.
 */
export async function discoverEndpoints(environment: EngineEnvironment): Promise<readonly EngineEndpoint[]> {
  const host = environment.variables['DOCKER_HOST']?.trim();
  if (host) return [await fromHost(environment, host)];
  const context = await chosenContext(environment);
  if (context !== undefined) return [await fromContext(environment, context)];
  return usualEndpoints(environment);
}

async function fromHost(environment: EngineEnvironment, host: string): Promise<EngineEndpoint> {
  const address = parseEngineAddress(host, await tlsFromVariables(environment));
  if (address === undefined) {
    throw misconfigured(
      host,
      `DOCKER_HOST is ${host}, which is no address of an engine.`,
      'Correct DOCKER_HOST or unset it.',
    );
  }
  return { address, url: formatEngineAddress(address), source: 'DOCKER_HOST', explicit: true };
}

/** Source: docker CLI `cli/flags/options.go`: any value but the empty one switches TLS on. */
async function tlsFromVariables(environment: EngineEnvironment): Promise<TlsMaterial | undefined> {
  const verify = Boolean(environment.variables['DOCKER_TLS_VERIFY']);
  if (!verify && !environment.variables['DOCKER_TLS']) return undefined;
  const folder = environment.variables['DOCKER_CERT_PATH'] || configFolder(environment);
  return readTls(environment, folder, !verify);
}

async function readTls(
  environment: EngineEnvironment,
  folder: string,
  skipVerify: boolean,
): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all(
    ['ca', 'cert', 'key'].map((name) => environment.readFile(`${folder}/${name}.pem`)),
  );
  return { ca, cert, key, skipVerify };
}

/** The context that is chosen; undefined for `default`, which means the usual places. */
async function chosenContext(environment: EngineEnvironment): Promise<string | undefined> {
  const named = environment.variables['DOCKER_CONTEXT'] || (await currentContext(environment));
  return named === '' || named === 'default' ? undefined : named;
}

async function currentContext(environment: EngineEnvironment): Promise<string | undefined> {
  const current = field(
    await readJson(environment, `${configFolder(environment)}/config.json`),
    'currentContext',
  );
  return typeof current === 'string' ? current : undefined;
}

/** Source: docker CLI `cli/context/store`: a folder per context, named by the hash of its name. */
async function fromContext(environment: EngineEnvironment, name: string): Promise<EngineEndpoint> {
  const folder = `${configFolder(environment)}/contexts`;
  const hash = createHash('sha256').update(name).digest('hex');
  const meta = await readJson(environment, `${folder}/meta/${hash}/meta.json`);
  const docker = field(field(meta, 'Endpoints'), 'docker');
  const host = field(docker, 'Host');
  const hint = 'See `docker context ls`, and choose another with `docker context use`.';
  if (typeof host !== 'string') {
    throw misconfigured(name, `The docker context "${name}" does not exist.`, hint);
  }
  const material = await readTls(
    environment,
    `${folder}/tls/${hash}/docker`,
    field(docker, 'SkipTLSVerify') === true,
  );
  const hasTls = material.ca !== undefined || material.cert !== undefined || material.skipVerify;
  const address = parseEngineAddress(host, hasTls ? material : undefined);
  if (address === undefined) {
    throw misconfigured(
      name,
      `The docker context "${name}" names ${host}, which is no address of an engine.`,
      hint,
    );
  }
  return { address, url: formatEngineAddress(address), source: `docker context "${name}"`, explicit: true };
}

function configFolder(environment: EngineEnvironment): string {
  return environment.variables['DOCKER_CONFIG'] || `${environment.home}/.docker`;
}

/** Undefined where there is none or it does not parse: docker's tools only warn then. */
async function readJson(environment: EngineEnvironment, path: string): Promise<unknown> {
  const text = await environment.readFile(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function misconfigured(endpoint: string, message: string, hint: string): AppFailure {
  return new AppFailure({ kind: 'engine.unreachable', endpoint, reason: 'absent', message, hint });
}
