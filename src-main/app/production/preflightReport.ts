import { statfs } from 'node:fs/promises';
import { formatImageReference, parseImageReference } from '#base/imageReference.ts';
import type { AppError } from '#contract/errors.ts';
import type { PreflightView, RegistryInfo } from '#contract/requests/production.ts';
import type { Engine, EngineInfo } from '#engine/engine.ts';
import type { RegistryAuth } from '#engine/images.ts';
import { bytesOnce, LayersHere } from '#images/registry/layersHere.ts';
import { type ImageCheck, preflight } from '#images/registry/preflight.ts';
import { layersOfEngine } from '../layersOfEngine.ts';

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
  const names = new Set(here.flatMap(({ tags, digests }) => [...tags, ...digests]).map(oneSpelling));
  const onMachine = (image: string) => names.has(oneSpelling(image));
  const images = [...new Map(request.images.map((image) => [oneSpelling(image), image])).values()];
  const missing = images.filter((image) => !onMachine(image));
  const checks = await preflight({
    ...request,
    images,
    platform: info.platform,
    mirrors: info.registryMirrors,
    // Only for what is to be pulled does it matter which layers are there.
    local: missing.length === 0 ? new LayersHere([]) : layersOfEngine(engine, signal, here),
  });
  return {
    registries: await registriesOf(checks, request),
    images: checks.map((check) => ({
      image: check.image,
      onMachine: onMachine(check.image),
      ...(check.type === 'ok' ? { downloadBytes: check.downloadBytes } : { error: check.error }),
    })),
    downloadBytes: bytesOnce(
      checks.flatMap((check) => (check.type === 'ok' && !onMachine(check.image) ? check.missingLayers : [])),
    ),
    freeBytes: await freeBytes(info),
  };
}

/** `docker.io/library/redis:7` and `redis:7` are one image, and `redis` is `redis:latest`. */
function oneSpelling(image: string): string {
  const reference = parseImageReference(image);
  if (reference === undefined) return image;
  const tag = reference.digest === undefined ? (reference.tag ?? 'latest') : undefined;
  return formatImageReference({ ...reference, tag });
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
