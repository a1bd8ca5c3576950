import { lstat, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { extract, type Pack, pack } from 'tar-stream';
import { Semaphore } from '#base/semaphore.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';

/** One file on its way into a container. */
export interface SyncFile {
  /** Absolute, on this machine. */
  readonly source: string;
  /** Absolute, in the container. */
  readonly target: string;
}

/** Paths of one `rm`: far below what a command line holds. */
const REMOVED_AT_ONCE = 500;
/** Folders whose owner is asked for at once. */
const ASKED_AT_ONCE = 8;

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Brings files into a running container, owned as the folder that they go to. */
export async function putFiles(
  engine: Engine,
  id: ContainerId,
  files: readonly SyncFile[],
  signal: AbortSignal,
): Promise<void> {
  if (files.length === 0) return;
  const owners = new Owners(engine, id, signal);
  // All are asked before: an engine that unpacks an archive lets nobody read the same container, for ever.
  const asking = new Semaphore(ASKED_AT_ONCE);
  const folders = new Set(files.map(({ target }) => path.posix.dirname(target)));
  await Promise.all([...folders].map((folder) => asking.run(() => owners.of(folder))));
  await engine.writeArchive(id, '/', tarOf(files, owners), { copyOwner: true, signal });
}

async function* tarOf(files: readonly SyncFile[], owners: Owners): AsyncGenerator<Uint8Array, void, void> {
  const tar = pack();
  const filled = (async () => {
    for (const file of files) await addFile(tar, file, owners);
    tar.finalize();
  })().catch((thrown: unknown) => tar.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))));
  try {
    for await (const chunk of tar) yield chunk as Uint8Array;
    await filled;
  } finally {
    tar.destroy();
  }
}

async function addFile(tar: Pack, { source, target }: SyncFile, owners: Owners): Promise<void> {
  const facts = await lstat(source).catch(() => undefined);
  if (facts === undefined) return; // went away meanwhile: the next batch says so
  const owner = await owners.of(path.posix.dirname(target));
  const header = { name: target.slice(1), mode: facts.mode & 0o7777, mtime: facts.mtime, ...owner };
  if (facts.isDirectory()) return entry(tar, { ...header, name: `${header.name}/`, type: 'directory' });
  if (facts.isSymbolicLink())
    return entry(tar, { ...header, type: 'symlink', linkname: await readlink(source) });
  if (facts.isFile()) await content(tar, { ...header, size: facts.size }, source);
}

function entry(tar: Pack, header: Parameters<Pack['entry']>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, '', (failure) => (failure ? reject(failure) : resolve()));
  });
}

/** The whole file is read first: one that an editor is writing must not go out with a size it does not have. */
async function content(
  tar: Pack,
  header: Parameters<Pack['entry']>[0] & { readonly size: number },
  source: string,
): Promise<void> {
  // Went away, or may not be read: there is nothing to bring.
  const bytes = await readFile(source).catch(() => undefined);
  if (bytes === undefined) return;
  await new Promise<void>((resolve, reject) => {
    tar.entry({ ...header, size: bytes.length }, bytes, (failure) => (failure ? reject(failure) : resolve()));
  });
}

/** Who owns a folder in the container, asked once each: its first entry in an archive says so, without any program in it. */
class Owners {
  readonly #engine: Engine;
  readonly #id: ContainerId;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<Owner>>();

  constructor(engine: Engine, id: ContainerId, signal: AbortSignal) {
    this.#engine = engine;
    this.#id = id;
    this.#signal = signal;
  }

  of(folder: string): Promise<Owner> {
    const known = this.#known.get(folder) ?? this.#ask(folder);
    this.#known.set(folder, known);
    return known;
  }

  /** A folder that is not there yet gets the owner of the one above it. */
  async #ask(folder: string): Promise<Owner> {
    try {
      const archive = await this.#engine.readArchive(this.#id, folder, { signal: this.#signal });
      return await firstOwner(archive);
    } catch (thrown) {
      if (!isKind(thrown, 'engine.notFound')) throw thrown;
      return folder === '/' ? { uid: 0, gid: 0 } : this.of(path.posix.dirname(folder));
    }
  }
}

async function firstOwner(archive: AsyncIterable<Uint8Array> & { close(): void }): Promise<Owner> {
  const reader = extract();
  const found = new Promise<Owner>((resolve, reject) => {
    reader.once('entry', ({ uid = 0, gid = 0 }) => resolve({ uid, gid }));
    reader.once('error', reject);
    reader.once('finish', () => resolve({ uid: 0, gid: 0 }));
  });
  try {
    // The first block says all that is wanted; the rest of the folder is not read.
    for await (const chunk of archive) {
      reader.write(chunk);
      break;
    }
    return await found;
  } finally {
    archive.close();
    reader.destroy();
  }
}

/** Takes files away. The archive API cannot; where the image has no `rm`, that is said. */
export async function removeFiles(
  engine: Engine,
  id: ContainerId,
  targets: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < targets.length; at += REMOVED_AT_ONCE) {
    const some = targets.slice(at, at + REMOVED_AT_ONCE);
    const { exitCode, stderr } = await engine.exec(id, {
      command: ['rm', '-rf', '--', ...some],
      user: '0',
      limitBytes: 2_000,
      signal,
    });
    if (exitCode === 0) continue;
    const said = new TextDecoder().decode(stderr).trim();
    throw new AppFailure({
      kind: 'engine.failed',
      status: 0,
      transient: false,
      message: `Deleted files cannot be taken out of the container${said === '' ? '' : `: ${said}`}.`,
      hint: 'An image without rm is watched best with the action rebuild.',
    });
  }
}
