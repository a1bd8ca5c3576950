import type { ImageId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { type BuildRequest, buildImage } from './buildImage.ts';

/** Builds of one run: services with the same definition share one build, and the result gets every name. */
export class BuildOnce {
  readonly #engine: Engine;
  readonly #builds = new Map<string, Promise<ImageId>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async build(request: BuildRequest): Promise<ImageId> {
    const key = JSON.stringify([request.build, request.platform, request.noCache, request.pull]);
    const running = this.#builds.get(key);
    if (running === undefined) {
      const build = buildImage(this.#engine, request);
      this.#builds.set(key, build);
      return build;
    }
    const imageId = await running;
    await this.#engine.tagImage(imageId, request.image, { signal: request.signal });
    return imageId;
  }
}
