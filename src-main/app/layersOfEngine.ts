import type { Engine } from '#engine/engine.ts';
import type { ImageSummary } from '#engine/images.ts';
import { LayersHere } from '#images/registry/layersHere.ts';

/** The layers of all images (or of these) that the engine has. */
export async function layersOfEngine(
  engine: Engine,
  signal: AbortSignal | undefined,
  images?: readonly ImageSummary[],
): Promise<LayersHere> {
  const list = images ?? (await engine.listImages({ signal }));
  const details = await Promise.all(list.map(({ id }) => engine.inspectImage(id, { signal })));
  return new LayersHere(details.flatMap((image) => (image ? [image.layers] : [])));
}
