import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cacheDirectory } from '../../scripts/engine/paths.ts';
import { AptSuite } from './apt.ts';
import { basePackages, localeRootfs, NEVER } from './base.ts';
import { type ArchiveSource, PACKAGE_LIST, packageArchive, wholeArchive } from './debian.ts';
import { type LayerFile, type LayerRules, LayerWriter } from './layerWriter.ts';
import type { PackageRootfs, Rootfs, Suite, WholeRootfs } from './recipe.ts';
import type { RegistryClient } from './registryClient.ts';

/** Raise it when the way layers are put together changes: all are made again. */
const FORMAT = 3;

/** Every layer of packages stands in this repository; the images' own repositories mount it from there. */
export const LAYER_REPOSITORY = 'hub/layers';

/** A layer in the registry. */
export interface MadeLayer {
  readonly layer: LayerFile;
  /** File names of the packages in it. */
  readonly packages: readonly string[];
}

/** Makes the layers of packages and keeps them in the registry; images share what they have in common. */
export class LayerMaker {
  readonly #registry: RegistryClient;
  readonly #made = new Map<string, Promise<MadeLayer>>();
  readonly #apt = new Map<Suite, AptSuite>();

  constructor(registry: RegistryClient) {
    this.#registry = registry;
  }

  /** The layers of a root file system, the lowest first. */
  async layersOf(rootfs: Rootfs): Promise<readonly MadeLayer[]> {
    if (rootfs.type === 'whole') return [await this.#whole(rootfs)];
    const base = this.#base(rootfs.suite);
    const locale = rootfs.locale === true ? [this.#whole(localeRootfs(rootfs.suite))] : [];
    return await Promise.all([base, ...locale, this.#packages(rootfs)]);
  }

  #whole(rootfs: WholeRootfs): Promise<MadeLayer> {
    return this.#once(rootfs, async (file) => {
      const { only } = rootfs;
      let packages = '';
      const writer = new LayerWriter(file, {
        keeps: only === undefined ? leavesOut([]) : (path) => only.some((prefix) => path.startsWith(prefix)),
        watch: {
          wants: (path) => path === PACKAGE_LIST,
          see: (_, content) => {
            packages = content.toString('utf8');
          },
        },
      });
      await addAll(writer, [() => wholeArchive(rootfs)]);
      return {
        layer: await writer.finish(),
        packages: packages.split('\n').filter((name) => name.endsWith('.deb')),
      };
    });
  }

  #base(suite: Suite): Promise<MadeLayer> {
    return this.#once({ base: suite, packages: basePackages() }, async (file) => {
      const files = await this.#suite(suite).fetch(basePackages());
      const certificates = new Map<string, string>();
      const writer = new LayerWriter(file, {
        keeps: leavesOut([]),
        watch: {
          wants: (path) => path.startsWith('usr/share/ca-certificates/'),
          see: (path, content) => certificates.set(path, content.toString('utf8')),
        },
      });
      for (const folder of ['bin', 'sbin', 'lib', 'lib64']) writer.addLink(folder, `usr/${folder}`);
      await addAll(
        writer,
        files.map(
          ({ path }) =>
            () =>
              packageArchive(path),
        ),
      );
      const bundle = [...certificates.keys()].sort().map((path) => certificates.get(path) ?? '');
      writer.addFile('etc/ssl/certs/ca-certificates.crt', bundle.join(''));
      return { layer: await writer.finish(), packages: files.map(({ name }) => name) };
    });
  }

  #packages(rootfs: PackageRootfs): Promise<MadeLayer> {
    return this.#once({ ...rootfs, base: basePackages() }, async (file) => {
      const base = await this.#base(rootfs.suite);
      const all = await this.#suite(rootfs.suite).fetch([...basePackages(), ...rootfs.packages]);
      const added = all.filter(({ name }) => !base.packages.includes(name));
      const writer = new LayerWriter(file, { keeps: leavesOut(rootfs.exclude ?? []), ...edits(rootfs) });
      await addAll(
        writer,
        added.map(
          ({ path }) =>
            () =>
              packageArchive(path),
        ),
      );
      return { layer: await writer.finish(), packages: added.map(({ name }) => name) };
    });
  }

  #suite(suite: Suite): AptSuite {
    const apt = this.#apt.get(suite) ?? new AptSuite(suite);
    this.#apt.set(suite, apt);
    return apt;
  }

  /** Makes a layer unless it is being made, or the registry has it from before. */
  #once(recipe: object, make: (file: string) => Promise<MadeLayer>): Promise<MadeLayer> {
    const key = hash([FORMAT, NEVER, recipe]);
    const known = this.#made.get(key) ?? this.#fromRegistry(key, make);
    this.#made.set(key, known);
    return known;
  }

  async #fromRegistry(key: string, make: (file: string) => Promise<MadeLayer>): Promise<MadeLayer> {
    const folder = cacheDirectory('hub', 'layers');
    mkdirSync(folder, { recursive: true });
    const known = readNote(`${folder}/${key}.json`);
    if (known !== undefined && (await this.#registry.hasBlob(LAYER_REPOSITORY, known.layer.digest)))
      return known;
    const file = `${folder}/${key}.tar.gz`;
    const made = await make(file);
    await this.#registry.pushFile(LAYER_REPOSITORY, made.layer);
    rmSync(file);
    writeNote(`${folder}/${key}.json`, made);
    return made;
  }
}

/** A short name for a value: equal values have equal names. */
export function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

function leavesOut(more: readonly string[]): (path: string) => boolean {
  const left = [...NEVER, ...more];
  return (path) => !left.some((prefix) => path.startsWith(prefix));
}

function edits(rootfs: PackageRootfs): Pick<LayerRules, 'edits'> {
  if (rootfs.edits === undefined) return {};
  return {
    edits: new Map(
      rootfs.edits.map(({ path, line, becomes }) => [
        path,
        (text: string) => text.replace(new RegExp(line, 'gm'), becomes),
      ]),
    ),
  };
}

/** Adds the archives one after the other. */
async function addAll(writer: LayerWriter, sources: readonly (() => ArchiveSource)[]): Promise<void> {
  try {
    for (const open of sources) {
      const source = open();
      // Its own end first: it says what went wrong, where the archive only says that it is short.
      const [done, added] = await Promise.allSettled([source.done, writer.addArchive(source.tar)]);
      if (done.status === 'rejected') throw done.reason;
      if (added.status === 'rejected') throw added.reason;
    }
  } catch (thrown) {
    writer.abandon();
    throw thrown;
  }
}

function readNote(file: string): MadeLayer | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MadeLayer) : undefined;
}

function writeNote(file: string, made: MadeLayer): void {
  // Written aside and renamed: a killed run must not leave half a note.
  writeFileSync(`${file}.part`, JSON.stringify(made));
  renameSync(`${file}.part`, file);
}
