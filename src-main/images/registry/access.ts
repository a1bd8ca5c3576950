import { type ImageReference, parseImageReference } from '#base/imageReference.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/images.ts';
import type { RegistryAccess } from './registryRequest.ts';

/** What asking registries needs from outside. */
export interface RegistryWorld {
  /** The engine's mirrors of Docker Hub, asked first. */
  readonly mirrors: readonly string[];
  readonly authFor: (image: string) => Promise<RegistryAuth | undefined>;
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
}

/** Throws `input.invalid`. */
export function referenceOf(image: string): ImageReference {
  const reference = parseImageReference(image);
  if (reference !== undefined) return reference;
  throw new AppFailure({ kind: 'input.invalid', message: `${image} is not the name of an image.` });
}

/** Asks the places where an image may be, one after another, as the engine does: mirrors that lack it do not count. */
export async function askRegistries<T>(
  image: string,
  world: RegistryWorld,
  ask: (access: RegistryAccess, reference: ImageReference) => Promise<T>,
): Promise<T> {
  const reference = referenceOf(image);
  let last: unknown;
  for (const access of await accessesFor(reference, image, world)) {
    try {
      return await ask(access, reference);
    } catch (thrown) {
      if (!isKind(thrown, 'registry.unreachable', 'image.notFound')) throw thrown;
      // The mirror's word on what is missing is worth more than a Docker Hub that cannot be reached.
      last = last !== undefined && isKind(thrown, 'registry.unreachable') ? last : thrown;
    }
  }
  throw last;
}

/** Mirrors serve Docker Hub only; every other registry answers for itself. */
async function accessesFor(
  reference: ImageReference,
  image: string,
  world: RegistryWorld,
): Promise<readonly RegistryAccess[]> {
  const base = { name: reference.registry, fetch: world.fetch, signal: world.signal };
  const auth = await world.authFor(image);
  if (reference.registry !== 'docker.io') return [{ ...base, auth, baseUrl: baseUrlOf(reference.registry) }];
  const mirrors = world.mirrors.map((mirror) => ({ ...base, baseUrl: mirror.replace(/\/+$/, '') }));
  return [...mirrors, { ...base, auth, baseUrl: 'https://registry-1.docker.io' }];
}

/** The engine, too, speaks plain HTTP to loopback registries and to no others. */
export function baseUrlOf(registry: string): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io';
  const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(registry);
  return `${loopback ? 'http' : 'https'}://${registry}`;
}
