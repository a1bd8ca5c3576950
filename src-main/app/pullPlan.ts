import { statfs } from 'node:fs/promises';
import { builtImageName } from '#compose/names.ts';
import type { Project } from '#compose/project.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { PullPlan } from '#contract/requests/boot.ts';
import type { Engine } from '#engine/engine.ts';
import { type ImageCheck, preflight } from '#images/registry/preflight.ts';
import { type LoginPlaces, registryAuth } from '#images/registryAuth.ts';

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
  const [info, local] = await Promise.all([
    engine.info({ signal }),
    localLayers(engine, signal, missing.length > 0),
  ]);
  const checks = await preflight({
    images: missing,
    platform: info.platform,
    local,
    mirrors: info.registryMirrors,
    authFor: (image) => registryAuth(image, world.logins, signal),
    fetch,
    signal,
  });
  const byImage = new Map(checks.map((check) => [check.image, check]));
  const layers = missingLayers(checks, local);
  return {
    images: [...wanted].map(([image, services]) => imageEntry(image, services, byImage.get(image))),
    totalBytes: [...layers.values()].reduce((sum, bytes) => sum + bytes, 0),
    layers: layers.size,
    freeBytes: await freeBytes(info.rootDir),
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

async function localLayers(
  engine: Engine,
  signal: AbortSignal | undefined,
  wanted: boolean,
): Promise<readonly (readonly string[])[]> {
  if (!wanted) return [];
  const images = await engine.listImages({ signal });
  const details = await Promise.all(images.map(({ id }) => engine.inspectImage(id, { signal })));
  return details.flatMap((image) => (image === undefined ? [] : [image.layers]));
}

/** By digest, with its size. A layer is there when it is there on top of the same layers: so the engine keeps them. */
function missingLayers(
  checks: readonly ImageCheck[],
  local: readonly (readonly string[])[],
): ReadonlyMap<string, number> {
  const chains = new Set(
    local.flatMap((layers) => layers.map((_, index) => layers.slice(0, index + 1).join())),
  );
  const missing = new Map<string, number>();
  for (const check of checks) {
    if (check.type === 'failed') continue;
    const { layers, diffIds } = check.remote;
    for (const [index, { digest, sizeBytes }] of layers.entries()) {
      if (!chains.has(diffIds.slice(0, index + 1).join())) missing.set(digest, sizeBytes);
    }
  }
  return missing;
}

/** Only known where the engine's disk is this machine's. */
async function freeBytes(folder: string): Promise<number | undefined> {
  const facts = await statfs(folder).catch(() => undefined);
  return facts === undefined ? undefined : facts.bavail * facts.bsize;
}
