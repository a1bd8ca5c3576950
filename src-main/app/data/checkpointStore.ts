import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import { AppFailure, isKind } from '#contract/errors.ts';
import { fileFailure } from '#disk/fileFailure.ts';
import { entryText, readTarFile, type TarFileEntry, writeTarFile } from '#disk/tarFile.ts';
import { missing } from '../requestBase.ts';
import { writeOwnFile } from '../versions/slipwayFiles.ts';
import { type Checkpoint, type CheckpointVolume, parseCheckpoint } from './checkpoint.ts';
import { compressCopy } from './copyVolume.ts';

const MANIFEST = 'manifest.json';
const WHOLE = 'a whole checkpoint of Slipway';
const MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024;
/** A folder that is still being written; one this old was left by a process that died. */
const UNFINISHED = '.unfinished';
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** One project's checkpoints on disk: a folder each, with a manifest and a file for each volume. */
export class CheckpointStore {
  readonly folder: string;
  readonly #now: () => number;

  constructor(folder: string, now: () => number) {
    this.folder = folder;
    this.#now = now;
  }

  /** Newest first. What is past its time in the bin goes now. */
  async list(): Promise<readonly Checkpoint[]> {
    const names = await readdir(this.folder).catch(noFolder);
    const found = await Promise.all(names.map((name) => this.#look(name)));
    return found.flatMap((entry) => entry ?? []).sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Throws `notFound`. */
  async get(id: string): Promise<Checkpoint> {
    const found = (await this.list()).find((checkpoint) => checkpoint.id === id);
    if (found) return found;
    throw missing(`checkpoint ${id}`, 'This checkpoint is not there any more.');
  }

  file(checkpoint: Pick<Checkpoint, 'id'>, file: string): string {
    return path.join(this.folder, checkpoint.id, file);
  }

  /** A folder to write the volumes' files into. Then `keep` it or `drop` it. */
  async begin(id: string): Promise<string> {
    const folder = path.join(this.folder, id + UNFINISHED);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /**
   * From here on it counts: the manifest is written last, and the folder takes its name at once. Without `flush` the manifest
   * goes to the disk when its volumes do, in the system's own time: to wait for it would be to wait for all of them.
   */
  async keep(checkpoint: Checkpoint, { flush }: { readonly flush: boolean }): Promise<void> {
    const unfinished = path.join(this.folder, checkpoint.id + UNFINISHED);
    await writeOwnFile(path.join(unfinished, MANIFEST), format(checkpoint), { flush });
    await rename(unfinished, path.join(this.folder, checkpoint.id));
  }

  async drop(id: string): Promise<void> {
    await rm(path.join(this.folder, id + UNFINISHED), { recursive: true, force: true });
  }

  async change(checkpoint: Checkpoint): Promise<void> {
    await writeOwnFile(this.file(checkpoint, MANIFEST), format(checkpoint));
  }

  async remove(id: string): Promise<void> {
    const { id: known } = await this.get(id);
    await rm(path.join(this.folder, known), { recursive: true, force: true });
  }

  /** Everything in one tar file, compressed. Returns its size in bytes. */
  async exportTo(checkpoint: Checkpoint, file: string): Promise<number> {
    const id = `${checkpoint.id}-export`;
    const small = await this.begin(id);
    const fill = async (tar: Pack) => {
      const files = await this.#compressed(checkpoint, small);
      const volumes = files.map(({ volume }) => volume);
      tar.entry({ name: MANIFEST }, Buffer.from(format({ ...checkpoint, volumes, keptUntil: undefined })));
      for (const { volume, at } of files)
        await pipeline(createReadStream(at), tar.entry({ name: volume.file, size: volume.storedBytes }));
    };
    try {
      return await writeTarFile(file, fill, { gzip: false });
    } finally {
      await this.drop(id);
    }
  }

  /** Takes in what `exportTo` wrote, under a new id. Only the files that its manifest names, in their sizes. */
  async importFrom(file: string, id: string): Promise<Checkpoint> {
    const folder = await this.begin(id);
    try {
      const found = await unpack(file, folder);
      const checkpoint: Checkpoint = {
        ...found,
        id,
        reason: 'imported',
        keptUntil: undefined,
        createdAt: this.#now(),
      };
      await this.keep(checkpoint, { flush: true });
      return checkpoint;
    } catch (thrown) {
      await this.drop(id);
      throw thrown;
    }
  }

  async #compressed(
    checkpoint: Checkpoint,
    folder: string,
  ): Promise<readonly { readonly volume: CheckpointVolume; readonly at: string }[]> {
    const files: { volume: CheckpointVolume; at: string }[] = [];
    for (const volume of checkpoint.volumes) {
      const own = this.file(checkpoint, volume.file);
      const at = path.join(folder, volume.file);
      files.push(
        volume.encoding === 'none'
          ? { volume: { ...volume, ...(await compressCopy(own, at)) }, at }
          : { volume, at: own },
      );
    }
    return files;
  }

  async #look(name: string): Promise<Checkpoint | undefined> {
    const folder = path.join(this.folder, name);
    if (name.endsWith(UNFINISHED) || (await isCutOff(folder))) {
      const { mtimeMs } = await stat(folder);
      if (this.#now() - mtimeMs > ABANDONED_MS) await rm(folder, { recursive: true, force: true });
      return undefined;
    }
    const checkpoint = await readManifest(folder);
    if (checkpoint === undefined) return undefined;
    if (checkpoint.keptUntil === undefined || checkpoint.keptUntil > this.#now()) return checkpoint;
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}

/** The power went before the system had written the manifest: nothing is known of what lies beside it. */
async function isCutOff(folder: string): Promise<boolean> {
  return (await stat(path.join(folder, MANIFEST)).catch(() => undefined))?.size === 0;
}

/** Undefined for a folder that is none of ours, or of a newer Slipway: it is neither offered nor deleted. */
async function readManifest(folder: string): Promise<Checkpoint | undefined> {
  try {
    return parseCheckpoint(await readFile(path.join(folder, MANIFEST), 'utf8'));
  } catch (thrown) {
    if (isKind(thrown, 'input.invalid') || isNotThere(thrown)) return undefined;
    throw thrown;
  }
}

function format(checkpoint: Checkpoint): string {
  return `${JSON.stringify(checkpoint, undefined, 2)}\n`;
}

/** The manifest comes first; then exactly the files that it names. */
async function unpack(file: string, folder: string): Promise<Checkpoint> {
  let checkpoint: Checkpoint | undefined;
  const wanted = new Map<string, number>();
  const take = async (entry: TarFileEntry) => {
    if (checkpoint === undefined) {
      if (entry.name !== MANIFEST) throw notOurs(file);
      checkpoint = parseCheckpoint(await entryText(entry, MANIFEST_LIMIT_BYTES));
      for (const volume of checkpoint.volumes) wanted.set(volume.file, volume.storedBytes);
      return;
    }
    if (wanted.get(entry.name) !== entry.bytes) throw notOurs(file);
    wanted.delete(entry.name);
    const place = path.join(folder, entry.name);
    await pipeline(entry.content, createWriteStream(place)).catch((thrown: unknown) => {
      throw fileFailure(thrown, place);
    });
  };
  await readTarFile(file, WHOLE, take, { gzip: false });
  return whole(checkpoint, wanted, file);
}

function whole(
  checkpoint: Checkpoint | undefined,
  wanted: ReadonlyMap<string, number>,
  file: string,
): Checkpoint {
  if (checkpoint === undefined || wanted.size > 0) throw notOurs(file);
  return checkpoint;
}

function notOurs(file: string): AppFailure {
  return new AppFailure({ kind: 'input.invalid', message: `${file} is not ${WHOLE}.` });
}

function noFolder(thrown: unknown): string[] {
  if (isNotThere(thrown)) return [];
  throw thrown;
}

function isNotThere(thrown: unknown): boolean {
  return (
    thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')
  );
}
