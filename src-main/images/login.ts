import { mkdir, open, realpath, rename } from 'node:fs/promises';
import path from 'node:path';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/images.ts';
import { baseUrlOf } from './registry/access.ts';
import { registryRequest } from './registry/registryRequest.ts';
import {
  type DockerConfig,
  dockerConfigFile,
  helperOf,
  type LoginPlaces,
  loginKey,
  readDockerConfig,
  runHelper,
} from './registryAuth.ts';

export interface Login {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

export interface KeptLogin {
  /** The credential helper's name, or the file's. */
  readonly keptIn: string;
  /** Readable in that file, because this machine has no store. */
  readonly inClear: boolean;
}

/** Only whoever owns it reads the file. */
const PRIVATE = 0o600;

/**
 * Checks a login with its registry and keeps it where `docker login` would: in the registry's own helper, in the store, or, on a
 * machine that has neither, in `config.json`. Rejects with `image.denied` for a wrong password, and with `registry.unreachable`.
 */
export async function logIn(
  login: Login,
  places: LoginPlaces,
  options: { readonly fetch: typeof fetch; readonly signal?: AbortSignal | undefined },
): Promise<KeptLogin> {
  await checkLogin(login, options);
  const config = (await readDockerConfig(places)) ?? {};
  const helper = helperOf(config, login.registry) ?? (await defaultStore(config, places));
  const key = loginKey(login.registry);
  if (helper === undefined) {
    const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    await writeConfig(places, { ...config, auths: { ...config.auths, [key]: { auth } } });
    return { keptIn: dockerConfigFile(places), inClear: true };
  }
  const input = JSON.stringify({ ServerURL: key, Username: login.username, Secret: login.password });
  if ((await runHelper(helper, 'store', { input, places, signal: options.signal })) === undefined)
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'registry',
      message: `docker-credential-${helper} did not take the login.`,
      hint: 'It may be locked. Nothing has been written in clear instead.',
    });
  const store = helperOf(config, login.registry) === undefined ? { credsStore: helper } : {};
  // An empty entry is how docker remembers that the store has one; an older login in clear goes with it.
  await writeConfig(places, { ...config, ...store, auths: { ...config.auths, [key]: {} } });
  return { keptIn: helper, inClear: false };
}

/** Forgets a login everywhere. false: there was none. */
export async function logOut(
  registry: string,
  places: LoginPlaces,
  signal?: AbortSignal,
): Promise<{ readonly removed: boolean }> {
  const config = await readDockerConfig(places);
  if (config === undefined) return { removed: false };
  const key = loginKey(registry);
  const helper = helperOf(config, registry);
  const known = Object.keys(config.auths ?? {}).filter(
    (name) => name === key || hostOf(name) === hostOf(key),
  );
  const erased = helper ? await runHelper(helper, 'erase', { input: key, places, signal }) : undefined;
  if (known.length === 0) return { removed: erased !== undefined };
  const auths = Object.entries(config.auths ?? {}).filter(([name]) => !known.includes(name));
  await writeConfig(places, { ...config, auths: Object.fromEntries(auths) });
  return { removed: true };
}

async function checkLogin(
  { registry, username, password }: Login,
  options: { readonly fetch: typeof fetch; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const auth: RegistryAuth = { serverAddress: loginKey(registry), username, password };
  try {
    const access = { baseUrl: baseUrlOf(registry), name: registry, auth, ...options };
    const answer = await registryRequest(access, { path: '', image: registry });
    await answer.body?.cancel();
  } catch (thrown) {
    if (!isKind(thrown, 'image.expiredLogin', 'image.denied')) throw thrown;
    throw new AppFailure({
      kind: 'image.denied',
      image: registry,
      registry,
      message: `${registry} does not take this name and password.`,
    });
  }
}

/** As docker chooses one for a configuration without any login yet. Source: docker CLI, credentials.DetectDefaultStore. */
async function defaultStore(config: DockerConfig, places: LoginPlaces): Promise<string | undefined> {
  const hasClear = Object.values(config.auths ?? {}).some((entry) => entry.auth || entry.identitytoken);
  if (hasClear) return undefined;
  for (const name of STORES[process.platform] ?? STORES['linux'] ?? []) {
    if ((await runHelper(name, 'version', { input: '', places })) !== undefined) return name;
  }
  return undefined;
}

const STORES: Readonly<Record<string, readonly string[]>> = {
  darwin: ['osxkeychain'],
  win32: ['wincred'],
  linux: ['pass', 'secretservice'],
};

/** Everything else in the file stays; a link stays a link; a crash leaves the old file. */
async function writeConfig(places: LoginPlaces, config: DockerConfig): Promise<void> {
  const named = dockerConfigFile(places);
  await mkdir(path.dirname(named), { recursive: true, mode: 0o700 });
  const file = await realpath(named).catch(() => named);
  const fresh = `${file}.slipway-${process.pid}`;
  const handle = await open(fresh, 'w', PRIVATE);
  try {
    await handle.writeFile(`${JSON.stringify(config, undefined, '\t')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}
