import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/images.ts';
import { DOCKER_HUB, registryOf } from './registryOf.ts';

/** The key of Docker Hub in every file and helper. Source: docker CLI, registry.IndexServer. */
export const HUB_KEY = 'https://index.docker.io/v1/';
/** A helper that asks a keychain may wait for the user; one that hangs must not hang a boot. */
const HELPER_TIMEOUT_MS = 30_000;
/** The user name with which a helper says that the secret is an identity token. */
const TOKEN_USER = '<token>';
const NAME_OF_HELPER = /^[\w.-]+$/;

export interface LoginPlaces {
  /** DOCKER_CONFIG is read from here, and PATH for the helpers. */
  readonly environment: Readonly<Record<string, string>>;
  readonly home: string;
}

/** `~/.docker/config.json`, as far as logins go. */
export interface DockerConfig {
  readonly auths?: Readonly<Record<string, StoredLogin>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

interface StoredLogin {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/**
 * The login that `docker login` left for this image's registry, or undefined where there is none.
 * Rejects with `input.invalid` for a configuration file that cannot be read as JSON. What it returns is never stored or logged.
 */
export async function registryAuth(
  reference: string,
  places: LoginPlaces,
  signal?: AbortSignal,
): Promise<RegistryAuth | undefined> {
  const config = await readDockerConfig(places);
  if (config === undefined) return undefined;
  const registry = registryOf(reference);
  const key = loginKey(registry);
  const helper = helperOf(config, registry);
  const kept = helper ? await askHelper(helper, { key, places, signal }) : undefined;
  return kept ?? storedLogin(config, key);
}

/** What a registry's login stands under. */
export function loginKey(registry: string): string {
  return registry === DOCKER_HUB ? HUB_KEY : registry;
}

/** The credential helper for a registry: its own, else the store for all. */
export function helperOf(config: DockerConfig, registry: string): string | undefined {
  return (
    config.credHelpers?.[registry] ??
    config.credHelpers?.[loginKey(registry)] ??
    (config.credsStore || undefined)
  );
}

export function dockerConfigFile(places: LoginPlaces): string {
  return path.join(places.environment['DOCKER_CONFIG'] || path.join(places.home, '.docker'), 'config.json');
}

/** Undefined where there is none. Rejects with `input.invalid`. */
export async function readDockerConfig(places: LoginPlaces): Promise<DockerConfig | undefined> {
  const file = dockerConfigFile(places);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as DockerConfig;
  } catch (cause) {
    const error = { kind: 'input.invalid', field: file, message: `${file} is not valid JSON.` } as const;
    throw new AppFailure(error, { cause });
  }
}

/** Old files keep addresses with scheme and path; they are compared by host. */
function storedLogin(config: DockerConfig, key: string): RegistryAuth | undefined {
  const auths = config.auths ?? {};
  const found = auths[key] ?? Object.entries(auths).find(([name]) => hostOf(name) === hostOf(key))?.[1];
  if (found === undefined) return undefined;
  const [username, password] = split(Buffer.from(found.auth ?? '', 'base64').toString('utf8'));
  const login = {
    serverAddress: key,
    username: found.username ?? username,
    password: found.password ?? password,
    identityToken: found.identitytoken,
    registryToken: found.registrytoken,
  };
  return login.username || login.identityToken || login.registryToken ? login : undefined;
}

function split(pair: string): [string | undefined, string | undefined] {
  const colon = pair.indexOf(':');
  // Docker pads the password with zero bytes in very old files.
  return colon < 0
    ? [undefined, undefined]
    : [pair.slice(0, colon), pair.slice(colon + 1).replaceAll('\0', '')];
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}

/** `docker-credential-NAME get`. A helper that has nothing, or is not there, means no login, as in docker's own tools. */
async function askHelper(
  name: string,
  ask: { readonly key: string; readonly places: LoginPlaces; readonly signal: AbortSignal | undefined },
): Promise<RegistryAuth | undefined> {
  const output = await runHelper(name, 'get', { ...ask, input: ask.key });
  if (output === undefined) return undefined;
  try {
    const { Username: username, Secret: secret } = JSON.parse(output) as {
      Username?: string;
      Secret?: string;
    };
    if (!username || !secret) return undefined;
    if (username === TOKEN_USER) return { serverAddress: ask.key, identityToken: secret };
    return { serverAddress: ask.key, username, password: secret };
  } catch {
    return undefined; // helpers print plain words when they have nothing
  }
}

/** Runs `docker-credential-NAME VERB`; its output, or undefined where it fails or is not there. The input is never an argument. */
export function runHelper(
  name: string,
  verb: 'get' | 'store' | 'erase' | 'version',
  ask: { readonly input: string; readonly places: LoginPlaces; readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  if (!NAME_OF_HELPER.test(name)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const timeout = AbortSignal.timeout(HELPER_TIMEOUT_MS);
    const child = spawn(`docker-credential-${name}`, [verb], {
      env: { ...ask.places.environment },
      stdio: ['pipe', 'pipe', 'ignore'],
      signal: ask.signal ? AbortSignal.any([ask.signal, timeout]) : timeout,
      windowsHide: true,
    });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? Buffer.concat(parts).toString('utf8') : undefined));
    child.stdin.on('error', () => undefined); // it ended without reading: its exit code says the rest
    child.stdin.end(ask.input);
  });
}
