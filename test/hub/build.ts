import { baseOverlay, basePackages, NEVER } from './base.ts';
import { SOURCE_DATE_EPOCH } from './debian.ts';
import { hash, LAYER_REPOSITORY, LayerMaker } from './layers.ts';
import type { LayerFile } from './layerWriter.ts';
import { type OverlayLayer, overlayLayer } from './overlayLayer.ts';
import type { ImageConfig, Overlay, Recipe } from './recipe.ts';
import { type Descriptor, imageManifest, type Manifest, type RegistryClient } from './registryClient.ts';

/** Raise it when the way images are put together changes: everything is built again. */
const FORMAT = 2;

const RECIPE_LABEL = 'dev.slipway.hub.recipe';
const VERSION_LABEL = 'org.opencontainers.image.version';
const LAYER_TYPE = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const CONFIG_TYPE = 'application/vnd.docker.container.image.v1+json';

export interface Served {
  readonly recipe: Recipe;
  readonly version: string;
  /** `library/postgres:15.18` … */
  readonly references: readonly { readonly repository: string; readonly tag: string }[];
}

/** Builds images and keeps them in a registry. */
export class Builder {
  readonly #registry: RegistryClient;
  readonly #layers: LayerMaker;

  constructor(registry: RegistryClient) {
    this.#registry = registry;
    this.#layers = new LayerMaker(registry);
  }

  /** What the registry serves of a recipe already, or undefined when something is missing or outdated. */
  async served(recipe: Recipe): Promise<Served | undefined> {
    const labels = await this.#registry.labels(repositoriesOf(recipe)[0] ?? '', tagOf(recipe));
    if (labels?.[RECIPE_LABEL] !== hashOf(recipe)) return undefined;
    const served = servedAs(recipe, labels[VERSION_LABEL] ?? '');
    const digests = await Promise.all(
      served.references.map((it) => this.#registry.tagDigest(it.repository, it.tag)),
    );
    return digests[0] !== undefined && digests.every((digest) => digest === digests[0]) ? served : undefined;
  }

  /** Builds the image and pushes it under all its names. */
  async build(recipe: Recipe): Promise<Served> {
    const made = await this.#layers.layersOf(recipe.rootfs);
    const layers = made.map(({ layer }) => layer);
    const version = versionOf(
      recipe,
      made.flatMap(({ packages }) => packages),
    );
    const overlay = await overlayLayer(overlayOf(recipe));
    const diffIds = [...layers, overlay].map(({ diffId }) => diffId);
    const config = Buffer.from(JSON.stringify(imageConfiguration(recipe, version, diffIds)));
    const served = servedAs(recipe, version);
    for (const repository of repositoriesOf(recipe)) {
      const manifest = await this.#pushParts(repository, { layers, overlay, config });
      const tags = served.references.filter((it) => it.repository === repository).map((it) => it.tag);
      for (const tag of tags) await this.#registry.pushManifest(repository, tag, manifest);
    }
    return served;
  }

  async #pushParts(repository: string, parts: ImageParts): Promise<Manifest> {
    for (const layer of parts.layers)
      await this.#registry.mountBlob(repository, layer.digest, LAYER_REPOSITORY);
    const { overlay, config } = parts;
    const top = {
      digest: await this.#registry.pushBlob(repository, overlay.bytes),
      size: overlay.bytes.byteLength,
    };
    const layers = [...parts.layers, top].map(
      ({ digest, size }): Descriptor => ({ mediaType: LAYER_TYPE, digest, size }),
    );
    const digest = await this.#registry.pushBlob(repository, config);
    return imageManifest({ mediaType: CONFIG_TYPE, digest, size: config.byteLength }, layers);
  }
}

interface ImageParts {
  readonly layers: readonly LayerFile[];
  readonly overlay: OverlayLayer;
  readonly config: Uint8Array;
}

/** Our files in an image; one that keeps only what it names has no accounts either. */
function overlayOf(recipe: Recipe): readonly Overlay[] {
  const isBare = recipe.rootfs.type === 'whole' && recipe.rootfs.only !== undefined;
  return [...(isBare ? [] : baseOverlay(recipe.users ?? [])), ...(recipe.overlay ?? [])];
}

/** The names an image is served under in the first place: `postgres:15` → `library/postgres`. */
export function repositoriesOf(recipe: Recipe): readonly string[] {
  const name = recipe.id.slice(0, recipe.id.lastIndexOf(':'));
  return recipe.repositories ?? [name.includes('/') ? name : `library/${name}`];
}

function tagOf(recipe: Recipe): string {
  return recipe.id.slice(recipe.id.lastIndexOf(':') + 1);
}

function servedAs(recipe: Recipe, version: string): Served {
  const tags = [...new Set([tagOf(recipe), ...recipe.tags(version)])];
  const references = repositoriesOf(recipe).flatMap((repository) => tags.map((tag) => ({ repository, tag })));
  return { recipe, version, references };
}

function hashOf(recipe: Recipe): string {
  return hash([FORMAT, { ...recipe, tags: undefined }, overlayOf(recipe), basePackages(), NEVER]);
}

/** The upstream part of the version of the package that the image is named after: `7.0.15` of `5:7.0.15-1~deb12u5`. */
function versionOf(recipe: Recipe, packages: readonly string[]): string {
  if ('exactly' in recipe.version) return recipe.version.exactly;
  const prefix = `${recipe.version.package}_`;
  const file = packages.find((name) => name.startsWith(prefix));
  const full = decodeURIComponent(file?.slice(prefix.length).split('_')[0] ?? '').replace(/^\d+:/, '');
  const upstream = /^\d+(\.\d+)*/.exec(full)?.[0];
  if (upstream === undefined)
    throw new Error(`${recipe.id}: no package ${recipe.version.package} among ${packages.length}.`);
  return upstream;
}

function imageConfiguration(recipe: Recipe, version: string, diffIds: readonly string[]): object {
  const created = new Date(SOURCE_DATE_EPOCH * 1000).toISOString();
  const labels = { [RECIPE_LABEL]: hashOf(recipe), [VERSION_LABEL]: version };
  return {
    architecture: 'amd64',
    os: 'linux',
    created,
    config: containerConfig(recipe.config, labels),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map((_, index) => ({
      created,
      created_by: `slipway hub: layer ${index} of ${recipe.id}`,
    })),
  };
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function containerConfig(config: ImageConfig, labels: Record<string, string>): object {
  const present = (names: readonly string[] | undefined) =>
    names === undefined ? undefined : Object.fromEntries(names.map((name) => [name, {}]));
  return {
    Env: Object.entries({ PATH, ...config.env }).map(([name, value]) => `${name}=${value}`),
    Entrypoint: config.entrypoint,
    Cmd: config.cmd,
    ExposedPorts: present(config.expose?.map((port) => (port.includes('/') ? port : `${port}/tcp`))),
    Volumes: present(config.volumes),
    WorkingDir: config.workdir,
    User: config.user,
    StopSignal: config.stopSignal,
    Labels: labels,
  };
}
