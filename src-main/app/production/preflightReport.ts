import { statfs } from 'node:fs/promises';
import type { AppError } from '#contract/errors.ts';
import type { PreflightView, RegistryInfo } from '#contract/requests/production.ts';
import type { Engine, EngineInfo } from '#engine/engine.ts';
import type { ImageSummary, RegistryAuth } from '#engine/images.ts';
import { type ImageCheck, preflight } from '#images/registry/preflight.ts';

export interface PreflightRequest {
  readonly images: readonly string[];
  readonly engine: Engine;
  readonly authFor: (image: string) => Promise<RegistryAuth | undefined>;
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
}

/** What is known of registries and images before anything is pulled; nothing is changed by asking. */
export async function preflightReport(request: PreflightRequest): Promise<PreflightView> {
  const { engine, signal } = request;
  const [info, here] = await Promise.all([engine.info({ signal }), engine.listImages({ signal })]);
  const names = new Set(here.flatMap(({ tags, digests }) => [...tags, ...digests]));
  const missing = request.images.filter((image) => !names.has(image));
  const checks = await preflight({
    ...request,
    platform: info.platform,
    mirrors: info.registryMirrors,
    // Only for what is to be pulled does it matter which layers are there.
    local: missing.length === 0 ? [] : layersOf(engine, here, signal),
  });
  return {
    registries: await registriesOf(checks, request),
    images: checks.map((check) => ({
      image: check.image,
      onMachine: names.has(check.image),
      ...(check.type === 'ok' ? { downloadBytes: check.downloadBytes } : { error: check.error }),
    })),
    downloadBytes: together(checks.filter(({ image }) => !names.has(image))),
    freeBytes: await freeBytes(info),
  };
}

async function layersOf(
  engine: Engine,
  images: readonly ImageSummary[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly string[])[]> {
  const details = await Promise.all(images.map(({ id }) => engine.inspectImage(id, { signal })));
  return details.flatMap((image) => (image ? [image.layers] : []));
}

async function registriesOf(
  checks: readonly ImageCheck[],
  { authFor }: PreflightRequest,
): Promise<readonly RegistryInfo[]> {
  const registries = [...new Set(checks.map(({ registry }) => registry))].sort();
  return Promise.all(
    registries.map(async (registry) => {
      const own = checks.filter((check) => check.registry === registry);
      const [first] = own;
      const failure = own.find(
        (check) => check.type === 'failed' && stateOf(check.error, check.login) !== 'missing',
      );
      const error = failure?.type === 'failed' ? failure.error : undefined;
      const auth = first && (await authFor(first.image).catch(() => undefined));
      const quota = own.flatMap((check) => (check.type === 'ok' ? (check.remote.quota ?? []) : [])).at(-1);
      return {
        registry,
        images: own.map(({ image }) => image).sort(),
        state: error ? stateOf(error, auth ? 'stored' : 'none') : 'ok',
        login: auth ? ('stored' as const) : ('none' as const),
        username: auth?.username,
        error,
        quota,
      };
    }),
  );
}

/** `missing`: the registry answers and has no such image, which is the image's fault. */
function stateOf(error: AppError, login: 'none' | 'stored'): RegistryInfo['state'] {
  switch (error.kind) {
    case 'image.expiredLogin':
      return 'expired';
    case 'image.denied':
      return login === 'none' ? 'notLoggedIn' : 'denied';
    case 'image.rateLimited':
      return 'rateLimited';
    case 'image.notFound':
    case 'image.platform':
    case 'input.invalid':
      return 'missing';
    default:
      return 'unreachable';
  }
}

/** Images share layers; each is pulled once. */
function together(checks: readonly ImageCheck[]): number {
  const layers = new Map<string, number>();
  for (const check of checks) {
    if (check.type !== 'ok' || check.downloadBytes === 0) continue;
    // The missing layers are the upper ones: what is there is a chain from the bottom.
    let left = check.downloadBytes;
    for (const { digest, sizeBytes } of check.remote.layers.toReversed()) {
      if (left <= 0) break;
      layers.set(digest, sizeBytes);
      left -= sizeBytes;
    }
  }
  return [...layers.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Of the engine's disk, where the engine is on this machine. */
export async function freeBytes({ endpoint, rootDir }: EngineInfo): Promise<number | undefined> {
  if (!endpoint.startsWith('unix:') || rootDir === '') return undefined;
  try {
    const { bavail, bsize } = await statfs(rootDir);
    return bavail * bsize;
  } catch {
    return undefined; // an engine in a virtual machine: its disk is not ours
  }
}
