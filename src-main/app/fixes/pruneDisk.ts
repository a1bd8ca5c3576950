import { formatImageReference, parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import { describeBytes } from '#contract/describe.ts';
import { isKind } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import type { ImageSummary } from '#engine/images.ts';
import { imageName } from '#plan/containerBody/containerBody.ts';
import { missing } from '../requestBase.ts';
import type { Asked, BootAfter, FixContext } from './fixContext.ts';
import { requireConsentTo } from './fixContext.ts';

/** The word under which the build cache stands on the list of what goes. */
const BUILD_CACHE = 'the build cache';

/** Removes images that no container and no service of this project uses, and the build cache. Each is named first. */
export async function pruneDisk(context: FixContext, asked: Asked): Promise<BootAfter> {
  const docker = context.engine();
  const images = await unusedImages(docker, wantedImages(context.source.require()));
  const { buildCacheBytes } = await docker.diskUsage();
  const going = [...images.map(nameOf), ...(buildCacheBytes > 0 ? [BUILD_CACHE] : [])];
  if (going.length === 0) throw missing('unused image', 'There is no unused image and no build cache.');
  const bytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, buildCacheBytes);
  requireConsentTo(going, asked, {
    message: `Up to ${describeBytes(bytes)} are freed. No container and no volume is touched.`,
    hint: 'Images are pulled or built again when they are needed.',
  });
  for (const image of images) await removeImage(docker, image);
  if (buildCacheBytes > 0) await docker.pruneBuildCache();
  return {};
}

async function unusedImages(engine: Engine, wanted: ReadonlySet<string>): Promise<ImageSummary[]> {
  const [images, containers] = await Promise.all([
    engine.listImages({}),
    engine.listContainers({ all: true }),
  ]);
  const used = new Set(containers.map(({ imageId }) => imageId));
  const isWanted = ({ tags, digests }: ImageSummary) =>
    [...tags, ...digests].some((name) => wanted.has(plainName(name)));
  return images.filter((image) => !used.has(image.id) && !isWanted(image));
}

/** What the services run or mount, also those of other profiles and those that are built here. */
function wantedImages(project: Project): ReadonlySet<string> {
  const services = Object.entries({ ...project.services, ...project.disabledServices });
  const names = services.flatMap(([name, service]) => [
    imageName(project, name, service),
    ...(service.volumes ?? []).flatMap(({ type, source }) => (type === 'image' && source ? [source] : [])),
  ]);
  return new Set(names.map(plainName));
}

/** One name for all spellings: `docker.io/library/redis` and `redis:latest`. With a digest the tag says nothing. */
function plainName(image: string): string {
  const reference = parseImageReference(image);
  if (reference === undefined) return image;
  const tag = reference.digest === undefined ? (reference.tag ?? 'latest') : undefined;
  return formatImageReference({ ...reference, tag });
}

function nameOf({ id, tags }: ImageSummary): string {
  return tags.length > 0 ? tags.join(', ') : `image ${id.replace('sha256:', '').slice(0, 12)}`;
}

/** By each of its names: so the engine itself refuses what somebody has begun to use. */
async function removeImage(engine: Engine, { id, tags }: ImageSummary): Promise<void> {
  for (const name of tags.length > 0 ? tags : [id]) {
    try {
      await engine.removeImage(name);
    } catch (thrown) {
      // In use by now, or gone already: it is no longer ours to remove.
      if (!isKind(thrown, 'engine.conflict', 'engine.notFound')) throw thrown;
    }
  }
}
