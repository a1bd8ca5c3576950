import { lstat, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { extract, type Pack, pack } from 'tar-stream';
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

/** Paths of one command: far below what a command line holds. */
const NAMED_AT_ONCE = 500;
/** Files in memory at once on their way. */
const READ_AHEAD = 32;
const PIECE_BYTES = 256 * 1024;
/** What so many lines of `stat` are at most: a path has up to 4096 bytes. */
const STAT_BYTES = NAMED_AT_ONCE * 4_200;

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
  const folders = new Set(files.map(({ target }) => path.posix.dirname(target)));
  await owners.askAtOnce([...folders]);
  for (const folder of folders) await owners.of(folder);
  await engine.writeArchive(id, '/', tarOf(files, owners), { copyOwner: true, signal });
}

async function* tarOf(files: readonly SyncFile[], owners: Owners): AsyncGenerator<Uint8Array, void, void> {
  const tar = pack();
  const filled = fill(tar, files, owners).catch((thrown: unknown) =>
    tar.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
  );
  try {
    yield* inLargePieces(tar);
    await filled;
  } finally {
    tar.destroy();
  }
}

/** Some are read ahead: the disk works while the engine takes what was read before. */
async function fill(tar: Pack, files: readonly SyncFile[], owners: Owners): Promise<void> {
  for (let at = 0; at < files.length; at += READ_AHEAD) {
    const read = await Promise.all(files.slice(at, at + READ_AHEAD).map((file) => readOne(file, owners)));
    for (const one of read) if (one !== undefined) await addEntry(tar, one);
  }
  tar.finalize();
}

/** A tar of small files comes in pieces of a few bytes, and each would be a write to the engine. */
async function* inLargePieces(tar: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, void> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of tar) {
    const piece = chunk as Uint8Array;
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}

interface ReadFile {
  readonly header: Parameters<Pack['entry']>[0];
  readonly content: Uint8Array | string;
}

/**
 * The whole file is read first: one that an editor is writing must not go out with a size it does not have. Undefined for what
 * went away meanwhile (the next batch says so) or may not be read.
 */
async function readOne({ source, target }: SyncFile, owners: Owners): Promise<ReadFile | undefined> {
  const facts = await lstat(source).catch(() => undefined);
  if (facts === undefined) return undefined;
  const owner = await owners.of(path.posix.dirname(target));
  const header = { name: target.slice(1), mode: facts.mode & 0o7777, mtime: facts.mtime, ...owner };
  if (facts.isDirectory())
    return { header: { ...header, name: `${header.name}/`, type: 'directory' }, content: '' };
  if (facts.isSymbolicLink()) {
    const linkname = await readlink(source).catch(() => undefined);
    return linkname === undefined
      ? undefined
      : { header: { ...header, type: 'symlink', linkname }, content: '' };
  }
  if (!facts.isFile()) return undefined;
  const content = await readFile(source).catch(() => undefined);
  return content && { header: { ...header, size: content.length }, content };
}

function addEntry(tar: Pack, { header, content }: ReadFile): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, Buffer.from(content), (failure) => (failure ? reject(failure) : resolve()));
  });
}

/**
 * Who owns a folder in the container. The container's own `stat` says it of hundreds at once; where there is none, the first
 * entry of an archive of the folder does, for which the engine starts a process each time.
 */
class Owners {
  readonly #engine: Engine;
  readonly #id: ContainerId;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<Owner>>();
  /** `stat` did not find them: they get the owner of the folder above. */
  readonly #absent = new Set<string>();

  constructor(engine: Engine, id: ContainerId, signal: AbortSignal) {
    this.#engine = engine;
    this.#id = id;
    this.#signal = signal;
  }

  /** Asks for these and all above them with as few commands as there can be. */
  async askAtOnce(folders: readonly string[]): Promise<void> {
    const all = [...new Set(folders.flatMap(withAbove))];
    for (let at = 0; at < all.length; at += NAMED_AT_ONCE) {
      // The root is always there: a program that does not say so is another one.
      const some = ['/', ...all.slice(at, at + NAMED_AT_ONCE)];
      const found = await this.#stat(some);
      if (found === undefined) return;
      for (const folder of some) {
        const owner = found.get(folder);
        if (owner === undefined) this.#absent.add(folder);
        else this.#known.set(folder, Promise.resolve(owner));
      }
    }
  }

  of(folder: string): Promise<Owner> {
    const known = this.#known.get(folder) ?? this.#ask(folder);
    this.#known.set(folder, known);
    return known;
  }

  /** Undefined where the image has no such program, or one that speaks otherwise. */
  async #stat(folders: readonly string[]): Promise<ReadonlyMap<string, Owner> | undefined> {
    const command = ['stat', '-c', '%u %g %n', '--', ...folders];
    const { exitCode, stdout } = await this.#engine.exec(this.#id, {
      command,
      user: '0',
      limitBytes: STAT_BYTES,
      signal: this.#signal,
    });
    // 1: some of them are not there, the others are told all the same.
    if (exitCode > 1) return undefined;
    const lines = new TextDecoder().decode(stdout).split('\n');
    const owners = lines.flatMap((line): [string, Owner][] => {
      const [, uid, gid, name] = /^(\d+) (\d+) (\/.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, { uid: Number(uid), gid: Number(gid) }]];
    });
    return owners.some(([name]) => name === '/') ? new Map(owners) : undefined;
  }

  /** A folder that is not there yet gets the owner of the one above it. */
  async #ask(folder: string): Promise<Owner> {
    if (this.#absent.has(folder)) return this.of(path.posix.dirname(folder));
    try {
      const archive = await this.#engine.readArchive(this.#id, folder, { signal: this.#signal });
      return await firstOwner(archive);
    } catch (thrown) {
      if (!isKind(thrown, 'engine.notFound')) throw thrown;
      return folder === '/' ? { uid: 0, gid: 0 } : this.of(path.posix.dirname(folder));
    }
  }
}

/** A folder and every one above it, down to the root. */
function withAbove(folder: string): string[] {
  const above = path.posix.dirname(folder);
  return above === folder ? [folder] : [folder, ...withAbove(above)];
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
  for (let at = 0; at < targets.length; at += NAMED_AT_ONCE) {
    const some = targets.slice(at, at + NAMED_AT_ONCE);
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
