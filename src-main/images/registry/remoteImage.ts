import { createHash } from 'node:crypto';
import { formatImageReference, type ImageReference } from '#base/imageReference.ts';
import { AppFailure } from '#contract/errors.ts';
import { at } from '../manifest/read.ts';
import { askRegistries, type RegistryWorld, referenceOf } from './access.ts';
import { limitedBody, protocolFailure } from './registryFailure.ts';
import { type RegistryAccess, registryRequest } from './registryRequest.ts';

/** An image as its registry describes it, without its layers' content. */
export interface RemoteImage {
  /** As it was asked for. */
  readonly image: string;
  /** What the reference names: of an index where the image is there for several platforms. */
  readonly digest: string;
  /** Of this platform's manifest; the same as `digest` where there is no index. */
  readonly platformDigest: string;
  /** Of the configuration: the image's id on engines with the classic store. */
  readonly configDigest: string;
  /** `linux/amd64`. */
  readonly platform: string;
  readonly layers: readonly { readonly digest: string; readonly sizeBytes: number }[];
  /** Of the uncompressed layers, bottom first. */
  readonly diffIds: readonly string[];
  /** Compressed: what a full pull moves. */
  readonly sizeBytes: number;
  readonly config: ImageConfig;
  readonly quota?: Quota | undefined;
}

/** Names of variables only. */
export interface ImageConfig {
  /** Undefined for builds that carry no date. */
  readonly created?: number | undefined;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Pulls left, as Docker Hub counts them. */
export interface Quota {
  readonly limit: number;
  readonly remaining: number;
  readonly windowSeconds: number;
}

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** The distribution specification's own limit for manifests. */
const MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024;
/** Configurations carry a history and labels; none that works is larger. */
const CONFIG_LIMIT_BYTES = 8 * 1024 * 1024;

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
}

/**
 * Resolves a tag or digest for one platform. What comes is checked against its digest on the way. Rejects with `image.*` and
 * `registry.unreachable`; `image.platform` names what there is instead.
 */
export function resolveImage(
  request: RegistryWorld & {
    readonly image: string;
    /** `linux/amd64`, `linux/arm64/v8`. */
    readonly platform: string;
  },
): Promise<RemoteImage> {
  const { image, platform } = request;
  return askRegistries(image, request, (access, reference) =>
    new Resolver(access, { ...reference, tag: reference.tag ?? 'latest' }, image).resolve(platform),
  );
}

class Resolver {
  readonly #access: RegistryAccess;
  readonly #reference: ImageReference;
  readonly #image: string;
  #quota: Quota | undefined;

  constructor(access: RegistryAccess, reference: ImageReference, image: string) {
    this.#access = access;
    this.#reference = reference;
    this.#image = image;
  }

  async resolve(platform: string): Promise<RemoteImage> {
    const named = await this.#manifest(this.#reference.digest ?? this.#reference.tag ?? 'latest');
    const index = descriptorsAt(named.body, 'manifests');
    const chosen = index.length === 0 ? named : await this.#ofPlatform(index, platform);
    const config = descriptorOf(at(chosen.body, 'config'));
    if (config === undefined) throw this.#broken('its manifest names no configuration.');
    const facts = await this.#config(config.digest);
    const own = platformText(facts);
    // Without an index nothing was chosen: what there is may still be for another machine.
    if (index.length === 0 && !runsOn(facts, platform)) throw wrongPlatform(this.#image, platform, [own]);
    const layers = descriptorsAt(chosen.body, 'layers').map(({ digest, size }) => ({
      digest,
      sizeBytes: size,
    }));
    return {
      image: this.#image,
      digest: named.digest,
      platformDigest: chosen.digest,
      configDigest: config.digest,
      platform: own,
      layers,
      diffIds: textList(at(facts, 'rootfs', 'diff_ids')),
      sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      config: configOf(facts),
      quota: this.#quota,
    };
  }

  async #ofPlatform(index: readonly Descriptor[], platform: string) {
    const real = index.filter((entry) => entry.platform?.os !== undefined && entry.platform.os !== 'unknown');
    const fitting = real.filter((entry) => runsOn(entry.platform, platform));
    const [best] = fitting.toSorted((a, b) => Number(exact(b, platform)) - Number(exact(a, platform)));
    if (best === undefined)
      throw wrongPlatform(
        this.#image,
        platform,
        [...new Set(real.map((entry) => platformText(entry.platform)))].sort(),
      );
    return this.#manifest(best.digest);
  }

  async #manifest(reference: string): Promise<{ readonly digest: string; readonly body: unknown }> {
    const answer = await registryRequest(this.#access, {
      path: `${this.#reference.repository}/manifests/${reference}`,
      accept: [...INDEX_TYPES, ...MANIFEST_TYPES],
      repository: this.#reference.repository,
      image: this.#image,
    });
    this.#quota ??= quotaOf(answer.headers);
    const promised = reference.includes(':') ? reference : answer.headers.get('docker-content-digest');
    const bytes = await this.#bytes(answer, MANIFEST_LIMIT_BYTES);
    const body = this.#json(bytes);
    const digest = digestOf(bytes);
    if (promised?.startsWith('sha256:') && promised !== digest) throw this.#corrupt();
    return { digest, body };
  }

  async #config(digest: string): Promise<unknown> {
    const answer = await registryRequest(this.#access, {
      path: `${this.#reference.repository}/blobs/${digest}`,
      repository: this.#reference.repository,
      image: this.#image,
    });
    const bytes = await this.#bytes(answer, CONFIG_LIMIT_BYTES);
    if (digest.startsWith('sha256:') && digestOf(bytes) !== digest) throw this.#corrupt();
    return this.#json(bytes);
  }

  async #bytes(answer: Response, limit: number): Promise<Uint8Array> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await limitedBody(answer, limit);
    } catch (cause) {
      if (this.#access.signal?.aborted) throw cause;
      throw new AppFailure(
        {
          kind: 'registry.unreachable',
          registry: this.#access.name,
          reason: 'network',
          message: `The connection to ${this.#access.name} broke off.`,
        },
        { cause },
      );
    }
    if (bytes === undefined) throw this.#broken('what it sent is too large for what was asked.');
    return bytes;
  }

  #json(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(Buffer.from(bytes).toString('utf8'));
    } catch {
      throw this.#broken('what it sent for the manifest is none. Is this address a registry?');
    }
  }

  #broken(message: string): AppFailure {
    return protocolFailure(this.#access.name, message);
  }

  #corrupt(): AppFailure {
    return new AppFailure({
      kind: 'image.corrupt',
      image: this.#image,
      message: `What ${this.#access.name} sent for ${this.#image} is not what it promised.`,
      hint: 'Try again; if it stays, the registry or a proxy on the way is broken.',
    });
  }
}

/** `acme/api@sha256:…`: the very image, whatever happens to its tag. */
export function pinned(image: string, digest: string): string {
  const { registry, repository } = referenceOf(image);
  return formatImageReference({ registry, repository, digest });
}

function wrongPlatform(image: string, wanted: string, available: readonly string[]): AppFailure {
  return new AppFailure({
    kind: 'image.platform',
    image,
    wanted,
    available,
    message: `${image} is there for ${available.join(', ') || 'no platform'}, not for ${wanted}.`,
  });
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** `100;w=21600`. Source: Docker Hub, "pull rate limit". */
export function quotaOf(headers: Headers): Quota | undefined {
  const limit = /^(\d+)(?:;w=(\d+))?/.exec(headers.get('ratelimit-limit') ?? '');
  const remaining = /^(\d+)/.exec(headers.get('ratelimit-remaining') ?? '');
  if (!limit || !remaining) return undefined;
  return { limit: Number(limit[1]), remaining: Number(remaining[1]), windowSeconds: Number(limit[2] ?? 0) };
}

/** An empty variant in either place is any. */
function runsOn(found: unknown, wanted: string): boolean {
  const [os, architecture, variant] = wanted.split('/');
  return (
    at(found, 'os') === os &&
    at(found, 'architecture') === architecture &&
    (!variant || !at(found, 'variant') || at(found, 'variant') === variant)
  );
}

function exact(entry: Descriptor, wanted: string): boolean {
  return platformText(entry.platform) === wanted;
}

function platformText(found: unknown): string {
  return [at(found, 'os'), at(found, 'architecture'), at(found, 'variant')].filter(Boolean).join('/');
}

function configOf(facts: unknown): ImageConfig {
  const created = Date.parse(String(at(facts, 'created') ?? ''));
  const config = at(facts, 'config');
  return {
    // Year one and 1970 are what reproducible builds write for "no date".
    created: created > 0 ? created : undefined,
    env: textList(at(config, 'Env')).flatMap((entry) => /^[^=]+/.exec(entry)?.[0] ?? []),
    entrypoint: textList(at(config, 'Entrypoint')),
    cmd: textList(at(config, 'Cmd')),
    user: String(at(config, 'User') ?? ''),
    workingDir: String(at(config, 'WorkingDir') ?? ''),
    ports: Object.keys(recordOf(at(config, 'ExposedPorts'))).sort(),
    volumes: Object.keys(recordOf(at(config, 'Volumes'))).sort(),
    labels: Object.fromEntries(
      Object.entries(recordOf(at(config, 'Labels'))).map(([name, value]) => [name, String(value)]),
    ),
  };
}

function descriptorsAt(body: unknown, key: string): readonly Descriptor[] {
  const list = at(body, key);
  return Array.isArray(list) ? list.flatMap((entry) => descriptorOf(entry) ?? []) : [];
}

function descriptorOf(entry: unknown): Descriptor | undefined {
  const digest = at(entry, 'digest');
  // The digest becomes part of an address: nothing but a digest may.
  if (typeof digest !== 'string' || !/^[a-z0-9]+:[0-9a-f]{32,128}$/.test(digest)) return undefined;
  const size = at(entry, 'size');
  const platform = at(entry, 'platform') as Descriptor['platform'];
  return {
    digest,
    size: typeof size === 'number' && size > 0 ? size : 0,
    mediaType: String(at(entry, 'mediaType') ?? ''),
    ...(platform === undefined ? {} : { platform }),
  };
}

function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
