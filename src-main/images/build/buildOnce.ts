import type { ImageId } from '#contract/ids.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import type { Engine } from '#engine/engine.ts';
import { type BuildRequest, buildImage } from './buildImage.ts';

/** Builds of one run: services with the same definition share one build, and the result gets every name. */
export class BuildOnce {
  readonly #engine: Engine;
  readonly #builds = new Map<string, SharedBuild>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** As `buildImage`. Whoever shares a build hears of it as if it were its own. */
  async build(request: BuildRequest): Promise<ImageId> {
    const key = JSON.stringify([request.build, request.platform, request.noCache, request.pull]);
    const shared = this.#builds.get(key);
    if (shared === undefined) {
      const build = new SharedBuild(this.#engine, request);
      this.#builds.set(key, build);
      return build.result;
    }
    shared.join(request);
    const imageId = await shared.result;
    await this.#engine.tagImage(imageId, request.image, { signal: request.signal });
    return imageId;
  }
}

/** One build, and all who wait for it. */
class SharedBuild {
  readonly result: Promise<ImageId>;
  readonly #sharers: BuildRequest[];
  readonly #of: string;
  #view: BuildView | undefined;

  constructor(engine: Engine, request: BuildRequest) {
    this.#sharers = [request];
    this.#of = request.service;
    this.result = buildImage(engine, {
      ...request,
      onOutput: (output) => this.#each((sharer) => sharer.onOutput?.(output)),
      onView: (view) => {
        this.#view = view;
        this.#each((sharer) => this.#show(sharer, view));
      },
      onContext: (stamps) => this.#each((sharer) => sharer.onContext?.(stamps)),
    });
  }

  /** Hears at once how far it is. */
  join(request: BuildRequest): void {
    this.#sharers.push(request);
    if (this.#view !== undefined) this.#show(request, this.#view);
  }

  #show({ id, service, image, onView }: BuildRequest, view: BuildView): void {
    onView?.({ ...view, id, service, image, ...(service === this.#of ? {} : { sharedWith: this.#of }) });
  }

  #each(tell: (sharer: BuildRequest) => void): void {
    for (const sharer of this.#sharers) tell(sharer);
  }
}
