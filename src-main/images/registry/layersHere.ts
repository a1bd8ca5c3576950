import type { RemoteImage } from './remoteImage.ts';

type Layer = RemoteImage['layers'][number];

/** The layers that an engine has. One is there when it is there on top of the same layers: so the engine keeps them. */
export class LayersHere {
  readonly #chains: ReadonlySet<string>;

  /** Of each image the digests of its uncompressed layers, bottom first. */
  constructor(images: readonly (readonly string[])[]) {
    this.#chains = new Set(images.flatMap((layers) => layers.map((_, index) => chain(layers, index))));
  }

  /** What a pull of the image has to move. */
  missingOf({ layers, diffIds }: Pick<RemoteImage, 'layers' | 'diffIds'>): readonly Layer[] {
    // Empty layers of old manifests have no digest of their own here: then nothing can be told apart.
    if (diffIds.length !== layers.length) return layers;
    return layers.filter((_, index) => !this.#chains.has(chain(diffIds, index)));
  }
}

/** What these layers weigh to download; each counts once, however many images share it. */
export function bytesOnce(layers: Iterable<Layer>): number {
  const sizes = new Map<string, number>();
  for (const { digest, sizeBytes } of layers) sizes.set(digest, sizeBytes);
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function chain(layers: readonly string[], index: number): string {
  return layers.slice(0, index + 1).join();
}
