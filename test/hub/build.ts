import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cacheDirectory } from '../../scripts/engine/paths.ts';
import { baseOverlay, baseRootfs, keeps, onBase } from './base.ts';
import { SOURCE_DATE_EPOCH, unpack } from './debian.ts';
import { type Contents, type LayerFile, type UnpackedLayer, writeLayer } from './layerFile.ts';
import { overlayLayer } from './overlayLayer.ts';
import type { ImageConfig, Recipe, Rootfs, Suite } from './recipe.ts';
import { type Descriptor, imageManifest, type RegistryClient } from './registryClient.ts';

/** Raise it when the way images are put together changes: everything is built again. */
const FORMAT = 1;

const RECIPE_LABEL = 'dev.slipway.hub.recipe';
const VERSION_LABEL = 'org.opencontainers.image.version';
const LAYER_TYPE = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const CONFIG_TYPE = 'application/vnd.docker.container.image.v1+json';

/** Every layer of packages stands in this repository; the images' own repositories mount it from there. */
const LAYER_REPOSITORY = 'hub/layers';

export interface Served {
  readonly recipe: Recipe;
  readonly version: string;
  /** `library/postgres:15.18` … */
  readonly references: readonly { readonly repository: string; readonly tag: string }[];
}

/** Builds images and keeps them in a registry. */
export class Builder {
  readonly #registry: RegistryClient;
  /** By key: images built at the same time share what they have in common. */
  readonly #layers = new Map<string, Promise<UnpackedLayer>>();

  constructor(registry: RegistryClient) {
    this.#registry = registry;
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
    const packages = await this.#packageLayers(recipe.rootfs);
    const version = versionOf(recipe, packages.names);
    const entries =
      recipe.rootfs.only === undefined
        ? [...baseOverlay(recipe.users ?? []), ...(recipe.overlay ?? [])]
        : (recipe.overlay ?? []);
    const overlay = entries.length === 0 ? undefined : await overlayLayer(entries);
    const diffIds = [
      ...packages.layers.map((layer) => layer.diffId),
      ...(overlay === undefined ? [] : [overlay.diffId]),
    ];
    const config = Buffer.from(JSON.stringify(imageConfiguration(recipe, version, diffIds)));
    const served = servedAs(recipe, version);
    for (const repository of repositoriesOf(recipe)) {
      const layers: Descriptor[] = packages.layers.map(({ digest, size }) => ({
        mediaType: LAYER_TYPE,
        digest,
        size,
      }));
      for (const layer of layers) await this.#registry.mountBlob(repository, layer.digest, LAYER_REPOSITORY);
      if (overlay !== undefined) {
        const digest = await this.#registry.pushBlob(repository, overlay.bytes);
        layers.push({ mediaType: LAYER_TYPE, digest, size: overlay.bytes.byteLength });
      }
      const digest = await this.#registry.pushBlob(repository, config);
      const manifest = imageManifest({ mediaType: CONFIG_TYPE, digest, size: config.byteLength }, layers);
      const tags = served.references.filter((it) => it.repository === repository).map((it) => it.tag);
      for (const tag of tags) await this.#registry.pushManifest(repository, tag, manifest);
    }
    return served;
  }

  async #packageLayers(
    rootfs: Rootfs,
  ): Promise<{ readonly layers: readonly LayerFile[]; readonly names: readonly string[] }> {
    if (rootfs.only !== undefined || rootfs.complete === true) {
      const single = await this.#layer(rootfs, new Map());
      return { layers: [single.layer], names: single.packages };
    }
    const base = await this.#base(rootfs.suite);
    if (rootfs.packages.length === 0) return { layers: [base.layer], names: base.packages };
    const top = await this.#layer(onBase(rootfs), base.contents);
    return { layers: [base.layer, top.layer], names: top.packages };
  }

  #base(suite: Suite): Promise<UnpackedLayer> {
    return this.#layer(baseRootfs(suite), new Map());
  }

  #layer(rootfs: Rootfs, below: Contents): Promise<UnpackedLayer> {
    const key = hash([FORMAT, rootfs, [...below]]);
    const known = this.#layers.get(key) ?? this.#makeLayer(key, rootfs, below);
    this.#layers.set(key, known);
    return known;
  }

  /** Unpacks a root file system into a layer in the registry, unless the same one is there from before. */
  async #makeLayer(key: string, rootfs: Rootfs, below: Contents): Promise<UnpackedLayer> {
    const folder = cacheDirectory('hub', 'layers');
    mkdirSync(folder, { recursive: true });
    const note = `${folder}/${key}.json`;
    const known = readNote(note);
    if (known !== undefined && (await this.#registry.hasBlob(LAYER_REPOSITORY, known.layer.digest)))
      return known;
    const file = `${folder}/${key}.tar.gz`;
    const { tar, done } = unpack(rootfs);
    // `done` first: it says what went wrong, where the archive only says that it ended early.
    const [, written] = await settleBoth(done, writeLayer(tar, file, { below, keeps: keeps(rootfs) }));
    await this.#registry.pushFile(LAYER_REPOSITORY, written.layer);
    rmSync(file);
    writeNote(note, written);
    return written;
  }
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
  return hash([
    FORMAT,
    { ...recipe, tags: undefined },
    baseOverlay(recipe.users ?? []),
    baseRootfs(recipe.rootfs.suite),
  ]);
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
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

async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

function readNote(file: string): UnpackedLayer | undefined {
  if (!existsSync(file)) return undefined;
  const note = JSON.parse(readFileSync(file, 'utf8')) as {
    layer: LayerFile;
    contents: [string, string][];
    packages: string[];
  };
  return { ...note, contents: new Map(note.contents) };
}

function writeNote(file: string, written: UnpackedLayer): void {
  // Written aside and renamed: a killed run must not leave half a note.
  writeFileSync(`${file}.part`, JSON.stringify({ ...written, contents: [...written.contents] }));
  renameSync(`${file}.part`, file);
}
