import { type AppError, toAppError } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/images.ts';
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
  /** The uncompressed layers of each image that is on this machine, bottom first; looked up while the registries are asked. */
  readonly local: readonly (readonly string[])[] | Promise<readonly (readonly string[])[]>;
}

/** Asks for all images at once. An image's failure is part of the answer; rejects only as `local` does. */
export async function preflight(request: Preflight): Promise<readonly ImageCheck[]> {
  const chains = Promise.resolve(request.local).then(chainsOf);
  // Every check waits for it; without any there is nobody to hear of its failure.
  chains.catch(() => undefined);
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

async function check(
  image: string,
  request: Preflight,
  chains: Promise<ReadonlySet<string>>,
): Promise<ImageCheck> {
  const auth = await request.authFor(image).catch(() => undefined);
  const about = { image, registry: registryOf(image), login: auth ? 'stored' : 'none' } as const;
  const found = await resolveImage({ ...request, image }).then(
    (remote) => ({ remote }),
    (thrown: unknown) => ({ error: toAppError(thrown) }),
  );
  if ('error' in found) return { ...about, type: 'failed', error: found.error };
  const { remote } = found;
  return { ...about, type: 'ok', remote, downloadBytes: downloadBytes(remote, await chains) };
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
