import { type AppError, toAppError } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/images.ts';
import { registryOf } from '../registryOf.ts';
import type { RegistryWorld } from './access.ts';
import { bytesOnce, type LayersHere } from './layersHere.ts';
import { type RemoteImage, resolveImage } from './remoteImage.ts';

/** What is known of one image before anything is pulled. */
export type ImageCheck = {
  readonly image: string;
  readonly registry: string;
  readonly login: 'none' | 'stored';
} & (
  | {
      readonly type: 'ok';
      readonly remote: RemoteImage;
      /** What a pull would have to move. */
      readonly missingLayers: RemoteImage['layers'];
      readonly downloadBytes: number;
    }
  | { readonly type: 'failed'; readonly error: AppError }
);

export interface Preflight extends RegistryWorld {
  readonly images: readonly string[];
  readonly platform: string;
  /** Looked up while the registries are asked. */
  readonly local: LayersHere | Promise<LayersHere>;
}

/** Asks for all images at once. An image's failure is part of the answer; rejects only as `local` does. */
export async function preflight(request: Preflight): Promise<readonly ImageCheck[]> {
  const local = Promise.resolve(request.local);
  // Every check waits for it; without any there is nobody to hear of its failure.
  local.catch(() => undefined);
  const logins = new Map<string, Promise<RegistryAuth | undefined>>();
  // Asking a credential helper starts a process: once for a registry, not once for an image.
  const authFor = (image: string) => {
    const registry = registryOf(image);
    const asked = logins.get(registry) ?? request.authFor(image);
    logins.set(registry, asked);
    return asked;
  };
  return Promise.all(
    [...new Set(request.images)].map((image) => check(image, { ...request, authFor, local })),
  );
}

async function check(image: string, request: Preflight): Promise<ImageCheck> {
  const auth = await request.authFor(image).catch(() => undefined);
  const about = { image, registry: registryOf(image), login: auth ? 'stored' : 'none' } as const;
  const found = await resolveImage({ ...request, image }).then(
    (remote) => ({ remote }),
    (thrown: unknown) => ({ error: toAppError(thrown) }),
  );
  if ('error' in found) return { ...about, type: 'failed', error: found.error };
  const { remote } = found;
  const missingLayers = (await request.local).missingOf(remote);
  return { ...about, type: 'ok', remote, missingLayers, downloadBytes: bytesOnce(missingLayers) };
}
