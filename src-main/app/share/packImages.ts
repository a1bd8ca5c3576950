import { familiarName, parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import type { Engine } from '#engine/engine.ts';
import type { ImageDetails } from '#engine/images.ts';
import { localImage } from '../production/localSide.ts';

/** What one service runs, as another machine can come by it. */
export interface PackedImage {
  readonly service: string;
  /** As the project calls it. */
  readonly image: string;
  /** `registry`: by digest. `pack`: it goes along, under `packed`. `none`: it cannot come along, and why. */
  readonly from: 'registry' | 'pack' | 'none';
  readonly packed: string;
  readonly sizeBytes?: number | undefined;
  /** On this engine. */
  readonly id?: string | undefined;
  readonly why?: string | undefined;
}

export interface PackImagesRequest {
  readonly project: Project;
  readonly engine: Engine;
  /** The image that a service's container was made of, where it has one: that is what is to be reproduced. */
  readonly ranImage: (service: string) => string | undefined;
  readonly images: 'along' | 'names';
  readonly signal?: AbortSignal | undefined;
}

/** By digest where a registry has it; what was built here goes along. Several services may share an image. */
export function packImages(request: PackImagesRequest): Promise<readonly PackedImage[]> {
  const services = Object.keys(request.project.services).sort();
  return Promise.all(services.map((service) => packImage(service, request)));
}

async function packImage(service: string, request: PackImagesRequest): Promise<PackedImage> {
  const { project, engine, signal } = request;
  const image = localImage(project, service);
  const found =
    (await engine.inspectImage(request.ranImage(service) ?? image, { signal })) ??
    (await engine.inspectImage(image, { signal }));
  const built = project.services[service]?.build !== undefined;
  if (found === undefined)
    return built
      ? { service, image, from: 'none', packed: image, why: 'it has not been built yet' }
      : { service, image, from: 'registry', packed: image, why: 'not on this machine: by its tag only' };
  const digest = digestName(image, found, built);
  if (digest !== undefined) return { service, image, from: 'registry', packed: digest, id: found.id };
  const packed = `slipway-pack/${nameOf(project, service)}:${found.id.replace(/^sha256:/, '').slice(0, 12)}`;
  if (request.images === 'names')
    return { service, image, from: 'none', packed, id: found.id, why: 'it was built here and is left out' };
  return { service, image, from: 'pack', packed, sizeBytes: found.sizeBytes, id: found.id };
}

function nameOf(project: Project, service: string): string {
  return `${project.name}-${service}`.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
}

/** Its tag and the digest by which its own registry knows it. What was built here is the local build, whatever has its digest. */
function digestName(image: string, found: ImageDetails, built: boolean): string | undefined {
  const wanted = parseImageReference(image);
  if (wanted?.digest !== undefined) return image;
  if (built || wanted === undefined) return undefined;
  const digest = found.digests
    .flatMap((name) => parseImageReference(name) ?? [])
    .find(
      ({ registry, repository }) => registry === wanted.registry && repository === wanted.repository,
    )?.digest;
  return digest && `${familiarName(wanted)}${wanted.tag === undefined ? '' : `:${wanted.tag}`}@${digest}`;
}
