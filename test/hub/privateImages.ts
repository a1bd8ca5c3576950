import { PRIVATE_REGISTRY, PUBLIC_REGISTRY } from './registries.ts';
import { RegistryClient } from './registryClient.ts';

/** The image whose copies stand in the registry that wants a login, as `127.0.0.1:5001/acme/api:1`. */
export const PRIVATE_SOURCE = 'slipway/shell-less:1';

const COPIES = { repository: 'acme/api', tags: ['1', '1.0.0', 'latest'] } as const;

/** Copies the image over, unless the private registry has it already. */
export async function publishPrivateImages(): Promise<void> {
  const from = new RegistryClient(PUBLIC_REGISTRY);
  const to = new RegistryClient(PRIVATE_REGISTRY.host, PRIVATE_REGISTRY);
  const [repository = '', tag = ''] = PRIVATE_SOURCE.split(':');
  const wanted = await from.tagDigest(repository, tag);
  const present = await Promise.all(COPIES.tags.map((it) => to.tagDigest(COPIES.repository, it)));
  if (present.every((digest) => digest === wanted)) return;
  const manifest = await from.manifest(repository, tag);
  if (manifest === undefined) throw new Error(`The hub does not serve ${PRIVATE_SOURCE}.`);
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    await to.pushBlob(COPIES.repository, await from.blob(repository, digest));
  }
  for (const copy of COPIES.tags) await to.pushManifest(COPIES.repository, copy, manifest);
}
