import { parseImageReference } from '#base/imageReference.ts';
import { builtImageName } from '#compose/names.ts';
import type { Project, Service } from '#compose/project.ts';
import type { ImageDetails } from '#engine/images.ts';
import type { ComparableVersion, LocalSide } from '#images/drift.ts';
import type { ProductionContainer } from '#images/manifest/manifest.ts';
import type { RemoteImage } from '#images/registry/remoteImage.ts';
import type { MiddlewareProfile } from '#middleware/profile.ts';
import { recognise } from '#middleware/profiles.ts';
import { parseVersion, type Version } from '#middleware/version.ts';
import { middlewareOf } from '../middlewareOf.ts';

const VERSION_LABEL = 'org.opencontainers.image.version';

/** The name of the image that a service runs here, built or not. */
export function localImage(project: Project, name: string): string {
  const service = project.services[name] ?? project.disabledServices[name];
  return service?.image ?? builtImageName(project.name, name);
}

/** What one service is here, without a value of a variable. */
export function localSide(
  project: Project,
  name: string,
  known: { readonly local?: ImageDetails | undefined; readonly remote?: RemoteImage | undefined },
): LocalSide {
  const service = project.services[name] as Service;
  const image = localImage(project, name);
  const { local, remote } = known;
  return {
    service: name,
    image,
    built: service.build !== undefined,
    digests: local ? localDigests(local) : remote ? remoteDigests(remote) : [],
    created: local?.created || remote?.config.created,
    version: versionHere(project, name, image, local?.labels ?? {}),
    env: Object.keys(service.environment ?? {}).sort(),
    imageEnv: local ? namesOf(local.env) : (remote?.config.env ?? []),
    entrypoint: service.entrypoint ?? undefined,
    command: service.command ?? undefined,
    user: service.user,
    ports: portsOf(service),
    limits: limitsOf(service),
  };
}

/** Everything that the local image may be known by: its id (a configuration's or a manifest's digest) and what it was pulled by. */
export function localDigests(image: ImageDetails): readonly string[] {
  return [image.id, ...image.digests.flatMap((name) => parseImageReference(name)?.digest ?? [])];
}

export function remoteDigests({ digest, platformDigest, configDigest }: RemoteImage): readonly string[] {
  return [...new Set([digest, platformDigest, configDigest])];
}

function versionHere(
  project: Project,
  name: string,
  image: string,
  labels: Readonly<Record<string, string>>,
): ComparableVersion | undefined {
  const product = middlewareOf(project, name);
  const version = product?.version ?? versionOf(image, labels);
  return version && comparable(version, product?.profile);
}

/** Of production's image, as the same product that the service is here, where it is one. */
export function versionThere(
  project: Project,
  name: string,
  container: ProductionContainer,
  labels: Readonly<Record<string, string>>,
): ComparableVersion | undefined {
  const product = middlewareOf(project, name);
  const found =
    recognise(container.image) ?? (product && recognise(container.image, product.profile.product));
  const version = found?.version ?? versionOf(container.image, labels);
  return version && comparable(version, found?.profile);
}

function versionOf(image: string, labels: Readonly<Record<string, string>>): Version | undefined {
  const tag = parseImageReference(image)?.tag;
  const label = labels[VERSION_LABEL];
  return (tag === undefined ? undefined : parseVersion(tag)) ?? (label ? parseVersion(label) : undefined);
}

function comparable(version: Version, profile: MiddlewareProfile | undefined): ComparableVersion {
  return {
    text: version.tag,
    numbers: version.numbers,
    line: profile?.data?.lane(version) ?? version.numbers.slice(0, 2).join('.'),
    product: profile?.title,
  };
}

function namesOf(env: readonly string[]): readonly string[] {
  return env.flatMap((entry) => /^[^=]+/.exec(entry)?.[0] ?? []);
}

function portsOf(service: Service): readonly string[] {
  const published = (service.ports ?? []).map(({ target, protocol }) => `${target}/${protocol ?? 'tcp'}`);
  const exposed = (service.expose ?? []).map((port) => (port.includes('/') ? port : `${port}/tcp`));
  return [...new Set([...published, ...exposed])].sort();
}

function limitsOf(service: Service): LocalSide['limits'] {
  const limits = service.deploy?.resources.limits;
  const memory = limits?.memory ?? service.mem_limit;
  return {
    cpus: limits?.cpus ?? service.cpus,
    memoryBytes: memory === undefined ? undefined : Number(memory),
  };
}
