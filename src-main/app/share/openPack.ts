import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Project } from '#compose/project.ts';
import { AppFailure, throwIfCancelled } from '#contract/errors.ts';
import { fileFailure } from '#disk/fileFailure.ts';
import type { Engine } from '#engine/engine.ts';
import { writeVariables } from '../variables.ts';
import { IMAGES_NAME, type PackManifest, readPackArchive } from './packArchive.ts';

export interface OpenPackRequest {
  readonly file: string;
  /** A folder that is not there yet, or empty. */
  readonly folder: string;
  readonly engine: Engine;
  /** The colleague's own checkout, for the values that a pack never holds. */
  readonly valuesFrom?: Project | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UnpackedPack {
  readonly manifest: PackManifest;
  /** Absolute, by the names that they have in the manifest. */
  readonly checkpoints: readonly { readonly file: string; readonly name: string }[];
  readonly lacking: readonly string[];
  readonly taken: number;
}

/** Folders of a pack; anything else in it is not ours and is refused. */
const KNOWN = /^(?:compose\.yaml|override\.yaml|README\.md|(?:files|logs|checkpoints)\/.+)$/;

/** Unpacks into a folder of its own. What fails leaves no folder behind. */
export async function openPack(request: OpenPackRequest): Promise<UnpackedPack> {
  const { file, folder, engine, signal } = request;
  await requireEmpty(folder);
  try {
    const manifest = await unpack(request);
    const images = path.join(folder, IMAGES_NAME);
    if (manifest.services.some(({ from }) => from === 'pack')) {
      await engine.loadImages(createReadStream(images), { signal });
      await rm(images, { force: true });
    }
    const found = valuesOf(manifest, request.valuesFrom);
    if (found.size > 0) await writeVariables(path.join(folder, '.env'), Object.fromEntries(found));
    return {
      manifest,
      checkpoints: manifest.checkpoints.map(({ file: place, name }) => ({
        file: path.join(folder, place),
        name,
      })),
      lacking: manifest.variables.map(({ name }) => name).filter((name) => !found.has(name)),
      taken: found.size,
    };
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true });
    throwIfCancelled(signal);
    if (thrown instanceof AppFailure) throw thrown;
    throw new AppFailure(
      { kind: 'input.invalid', field: 'file', message: `${file} could not be unpacked into ${folder}.` },
      { cause: thrown },
    );
  }
}

async function unpack({ file, folder, signal }: OpenPackRequest): Promise<PackManifest> {
  let manifest: PackManifest | undefined;
  await readPackArchive(
    file,
    {
      manifest: async (read) => {
        manifest = read;
        await mkdir(folder, { recursive: true });
      },
      entry: async (name, content) => {
        if (name !== IMAGES_NAME && !KNOWN.test(name))
          throw new AppFailure({ kind: 'input.invalid', field: 'file', message: `${file} holds ${name}.` });
        await writeEntry(path.join(folder, name), content);
      },
    },
    signal,
  );
  if (manifest === undefined) throw new AppFailure({ kind: 'internal', message: 'no manifest was read' });
  return manifest;
}

async function writeEntry(file: string, content: Readable): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  // Never over a file that is there: two entries of one name are none of our packs.
  const handle = await open(file, 'wx', 0o644);
  await handle.close();
  await pipeline(content, createWriteStream(file)).catch((thrown: unknown) => {
    throw fileFailure(thrown, file);
  });
}

async function requireEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return [];
    throw new AppFailure(
      { kind: 'path.missing', path: folder, message: `${folder} is no folder.` },
      { cause: thrown },
    );
  });
  if (entries.length === 0) return;
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'folder',
    message: `${folder} is not empty.`,
    hint: 'Name a folder that is not there yet: a pack is opened into one of its own.',
  });
}

/** By service and name, from the checkout; a variable whose users disagree there is asked for. */
function valuesOf(manifest: PackManifest, own: Project | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, uses } of manifest.variables) {
    const values =
      uses.length === 0
        ? [own?.environment[name]]
        : uses.map((use) => own?.services[use.service]?.environment?.[use.name]);
    const [first] = values;
    if (typeof first === 'string' && values.every((value) => value === first)) found.set(name, first);
  }
  return found;
}
