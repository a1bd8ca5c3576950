import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import { isKind } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import type { RemoteImage } from './registry/remoteImage.ts';

/** As the engine tells of layers: the first letters of their digests. */
const SHORT_ID = 12;

/**
 * Makes an image of the layers that a pull has finished so far, bottom first, while it is still under way: the engine throws away
 * what no image holds as soon as a pull is given up. Only their list is sent, for the engine has the content. False where
 * nothing is finished.
 */
export async function keepLayers(
  engine: Engine,
  pull: {
    readonly image: string;
    readonly remote: RemoteImage;
    /** Short ids of what is finished. */
    readonly finished: ReadonlySet<string>;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { image, remote, finished, signal } = pull;
  const missing = remote.layers.findIndex(({ digest }) => !finished.has(shortId(digest)));
  const count = missing < 0 ? remote.layers.length : missing;
  if (count === 0 || remote.diffIds.length !== remote.layers.length) return false;
  // Those of an earlier try are among those of this one, which the pull holds by itself.
  await dropKeptLayers(engine, image, signal);
  await engine.loadImages(imageOf(image, remote.platform, remote.diffIds.slice(0, count)), { signal });
  return true;
}

/** The image is there: it holds its layers itself. */
export async function dropKeptLayers(engine: Engine, image: string, signal?: AbortSignal): Promise<void> {
  try {
    await engine.removeImage(keptName(image), signal === undefined ? {} : { signal });
  } catch (thrown) {
    if (!isKind(thrown, 'engine.notFound')) throw thrown;
  }
}

function shortId(digest: string): string {
  const hex = digest.slice(digest.indexOf(':') + 1);
  return hex.slice(0, SHORT_ID);
}

/** A name that says what it is to whoever lists images. */
function keptName(image: string): string {
  return `slipway-kept-layers:${hexOf(image).slice(0, SHORT_ID)}`;
}

/** A `docker save` without the layers. Source: moby `image/tarexport/load.go`, which asks its own store for each first. */
async function* imageOf(
  image: string,
  platform: string,
  diffIds: readonly string[],
): AsyncGenerator<Uint8Array, void, void> {
  const [os, architecture] = platform.split('/');
  const labels = { 'slipway.kept-layers': image };
  const config = JSON.stringify({
    os,
    architecture,
    config: { Labels: labels },
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  const Config = `${hexOf(config)}.json`;
  const Layers = diffIds.map((_, at) => `${at}/layer.tar`);
  const tar = pack();
  tar.entry({ name: Config }, config);
  for (const name of Layers) tar.entry({ name }, '');
  tar.entry({ name: 'manifest.json' }, JSON.stringify([{ Config, RepoTags: [keptName(image)], Layers }]));
  tar.finalize();
  for await (const chunk of tar) yield chunk as Uint8Array;
}

function hexOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
