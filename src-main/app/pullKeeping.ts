import { AppFailure, isKind } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import type { PullProgress, RegistryAuth } from '#engine/images.ts';
import { dropKeptLayers, keepLayers } from '#images/keptLayers.ts';
import { resolveImage } from '#images/registry/remoteImage.ts';
import { type LoginPlaces, registryAuth } from '#images/registryAuth.ts';

/** Somebody who cancels does not want to wait: what cannot be kept by then is pulled again. */
const KEEP_LIMIT_MS = 3_000;

export interface KeepingPull {
  readonly engine: Engine;
  readonly logins: LoginPlaces;
  readonly image: string;
  readonly platform?: string | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Pulls with the user's login. One that is cancelled keeps the layers that were finished, for the next. */
export async function pullKeeping(request: KeepingPull): Promise<void> {
  const { engine, image, platform, signal } = request;
  const auth = await registryAuth(image, request.logins, signal);
  signal?.throwIfAborted();
  const pulling = new AbortController();
  const finished = new Set<string>();
  const giveUp = () => void keep(request, { auth, finished }).finally(() => pulling.abort(signal?.reason));
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await engine.pullImage({
      reference: image,
      platform,
      auth,
      signal: pulling.signal,
      onProgress: (progress) => {
        if (progress.phase === 'done' || progress.phase === 'exists') finished.add(progress.layer);
        request.onProgress?.(progress);
      },
    });
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  await dropKeptLayers(engine, image).catch(unlessInternal);
}

/** Never rejects: a pull that is to end ends. */
async function keep(
  { engine, image, platform }: KeepingPull,
  pull: { readonly auth: RegistryAuth | undefined; readonly finished: ReadonlySet<string> },
): Promise<void> {
  if (pull.finished.size === 0) return;
  const signal = AbortSignal.timeout(KEEP_LIMIT_MS);
  try {
    const info = await engine.info({ signal });
    const remote = await resolveImage({
      image,
      platform: platform ?? info.platform,
      mirrors: info.registryMirrors,
      authFor: async () => pull.auth,
      fetch,
      signal,
    });
    await keepLayers(engine, { image, remote, finished: pull.finished, signal });
  } catch {
    // Without the registry's word, or on an engine that takes no such image, the layers are pulled again.
  }
}

/** What is left over then is an image without content of its own. */
function unlessInternal(thrown: unknown): void {
  if (!(thrown instanceof AppFailure) || isKind(thrown, 'internal')) throw thrown;
}
