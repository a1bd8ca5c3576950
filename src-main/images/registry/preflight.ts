import { type AppError, toAppError } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/engine.ts';
import { registryOf } from '../registryOf.ts';
import type { RegistryWorld } from './access.ts';
import { type RemoteImage, resolveImage } from './remoteImage.ts';

/** What is known of one image before anything is pulled. */
export type ImageCheck = {
  readonly image: string;
  readonly registry: string;
  readonly login: 'none' | 'stored';
} & (
  | { readonly type: 'ok'; readonly remote: RemoteImage; readonly downloadBytes: number }
  | { readonly type: 'failed'; readonly error: AppError }
);

export interface Preflight extends RegistryWorld {
  readonly images: readonly string[];
  readonly platform: string;
  /** The uncompressed layers of each image that is on this machine, bottom first. */
  readonly local: readonly (readonly string[])[];
}

/** Asks for all images at once. Never rejects for an image: its failure is part of the answer. */
export async function preflight(request: Preflight): Promise<readonly ImageCheck[]> {
  const chains = chainsOf(request.local);
  const logins = new Map<string, Promise<RegistryAuth | undefined>>();
  // Asking a credential helper starts a process: once for a registry, not once for an image.
  const authFor = (image: string) => {
    const registry = registryOf(image);
    const asked = logins.get(registry) ?? request.authFor(image);
    logins.set(registry, asked);
    return asked;
  };
  return Promise.all(
    [...new Set(request.images)].map((image) => check(image, { ...request, authFor }, chains)),
  );
}

async function check(image: string, request: Preflight, chains: ReadonlySet<string>): Promise<ImageCheck> {
  const auth = await request.authFor(image).catch(() => undefined);
  const about = { image, registry: registryOf(image), login: auth ? 'stored' : 'none' } as const;
  try {
    const remote = await resolveImage({ ...request, image });
    return { ...about, type: 'ok', remote, downloadBytes: downloadBytes(remote, chains) };
  } catch (thrown) {
    return { ...about, type: 'failed', error: toAppError(thrown) };
  }
}

/** A layer is there when it is there on top of the same layers: so the engine keeps them. */
function chainsOf(images: readonly (readonly string[])[]): ReadonlySet<string> {
  return new Set(images.flatMap((layers) => layers.map((_, index) => layers.slice(0, index + 1).join())));
}

function downloadBytes(remote: RemoteImage, chains: ReadonlySet<string>): number {
  // Empty layers of old manifests have no diff id of their own: then nothing can be told apart.
  if (remote.diffIds.length !== remote.layers.length) return remote.sizeBytes;
  return remote.layers.reduce((sum, { sizeBytes }, index) => {
    const chain = remote.diffIds.slice(0, index + 1).join();
    return chains.has(chain) ? sum : sum + sizeBytes;
  }, 0);
}
