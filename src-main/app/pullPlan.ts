import { builtImageName } from '#compose/names.ts';
import type { Project } from '#compose/project.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { PullPlan } from '#contract/requests/boot.ts';
import type { Engine } from '#engine/engine.ts';
import { bytesOnce, LayersHere } from '#images/registry/layersHere.ts';
import { type ImageCheck, preflight } from '#images/registry/preflight.ts';
import { type LoginPlaces, registryAuth } from '#images/registryAuth.ts';
import { layersOfEngine } from './layersOfEngine.ts';
import { freeBytes } from './production/preflightReport.ts';

/** What a boot would have to download, asked of the registries: each layer counted once over all images. */
export async function pullPlan(
  project: Project,
  world: { readonly engine: Engine; readonly logins: LoginPlaces; readonly signal: AbortSignal | undefined },
): Promise<PullPlan> {
  const { engine, signal } = world;
  const wanted = pulledImages(project);
  const details = await Promise.all(
    [...wanted.keys()].map(async (image) => ({
      image,
      details: await engine.inspectImage(image, { signal }),
    })),
  );
  const missing = details.filter((entry) => entry.details === undefined).map(({ image }) => image);
  const info = await engine.info({ signal });
  const checks = await preflight({
    images: missing,
    platform: info.platform,
    local: missing.length > 0 ? layersOfEngine(engine, signal) : new LayersHere([]),
    mirrors: info.registryMirrors,
    authFor: (image) => registryAuth(image, world.logins, signal),
    fetch,
    signal,
  });
  const byImage = new Map(checks.map((check) => [check.image, check]));
  const layers = checks.flatMap((check) => (check.type === 'ok' ? check.missingLayers : []));
  return {
    images: [...wanted].map(([image, services]) => imageEntry(image, services, byImage.get(image))),
    totalBytes: bytesOnce(layers),
    layers: new Set(layers.map(({ digest }) => digest)).size,
    freeBytes: await freeBytes(info),
  };
}

/** Images that come from a registry, and who runs them. */
function pulledImages(project: Project): ReadonlyMap<string, readonly ServiceName[]> {
  const found = new Map<string, ServiceName[]>();
  for (const [name, service] of Object.entries(project.services)) {
    if (service.build !== undefined) continue;
    const image = service.image ?? builtImageName(project.name, name);
    found.set(image, [...(found.get(image) ?? []), name as ServiceName]);
  }
  return found;
}

function imageEntry(image: string, services: readonly ServiceName[], check: ImageCheck | undefined) {
  if (check === undefined) return { image, services, present: true };
  if (check.type === 'failed') return { image, services, present: false, error: check.error.message };
  return { image, services, present: false, missingBytes: check.downloadBytes };
}
