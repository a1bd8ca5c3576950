import { createReadStream, type Dirent } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import dockerignore from '@balena/dockerignore';
import { type Header, type Pack, pack } from 'tar-stream';
import { AppFailure, throwIfCancelled } from '#contract/errors.ts';

export interface BuildContext {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Path of the Dockerfile inside the context, as the engine is told. */
  readonly dockerfile: string;
  /** A Dockerfile that does not come from the folder: written inline, or standing outside of it. */
  readonly dockerfileText?: string | undefined;
}

/**
 * The build context as a tar stream, read as it is taken: a context of gigabytes costs no memory. `.dockerignore` counts as
 * docker reads it, owners are root, modes, times and links are kept. Rejects with `path.missing`.
 */
export async function* contextTar(context: BuildContext, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const filled = fill(tar, context, signal).catch((thrown: unknown) => {
    tar.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    throw thrown;
  });
  filled.catch(() => undefined); // the reader of the tar hears it
  try {
    for await (const chunk of tar) yield chunk as Uint8Array;
    await filled;
  } finally {
    tar.destroy();
  }
}

async function fill(tar: Pack, context: BuildContext, signal: AbortSignal | undefined): Promise<void> {
  const ignored = await readIgnore(context);
  if (context.dockerfileText !== undefined) {
    await writeEntry(tar, { name: context.dockerfile, ...ROOT, mode: 0o600 }, context.dockerfileText);
  }
  for await (const found of walk(context.folder, '', ignored)) {
    throwIfCancelled(signal);
    await addEntry(tar, context.folder, found);
  }
  tar.finalize();
}

/** tar-stream fills in what is left out. */
type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

const ROOT = { uid: 0, gid: 0 };

interface Found {
  /** Relative to the context, with `/`. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
}

/** Sorted, so that the same folder makes the same stream. Sockets, pipes and devices stay out, as in docker. */
async function* walk(root: string, folder: string, ignored: Ignored): AsyncGenerator<Found> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const out = ignored.ignores(name);
    const kind = kindOf(entry);
    if (kind !== undefined && !out) yield { name, kind };
    if (kind === 'folder' && (!out || ignored.mayKeepBelow(name))) yield* walk(root, name, ignored);
  }
}

function kindOf(entry: Dirent): Found['kind'] | undefined {
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  return entry.isFile() ? 'file' : undefined;
}

async function addEntry(tar: Pack, root: string, found: Found): Promise<void> {
  const file = path.join(root, found.name);
  const facts = await lstat(file).catch(() => undefined);
  if (facts === undefined) return; // went away since the folder was read
  const header = { name: found.name, ...ROOT, mode: facts.mode & 0o7777, mtime: facts.mtime };
  switch (found.kind) {
    case 'folder':
      return writeEntry(tar, { ...header, name: `${found.name}/`, type: 'directory' });
    case 'link':
      return writeEntry(tar, { ...header, type: 'symlink', linkname: await readlink(file) });
    case 'file':
      return writeFile(tar, { ...header, size: facts.size }, file);
  }
}

function writeEntry(tar: Pack, header: EntryHeader, content?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, content ?? '', (failure) => (failure ? reject(failure) : resolve()));
  });
}

async function writeFile(
  tar: Pack,
  header: EntryHeader & { readonly size: number },
  file: string,
): Promise<void> {
  if (header.size === 0) return writeEntry(tar, header);
  const entry = tar.entry(header);
  let wake = () => {};
  let failure: Error | undefined;
  let closed = false;
  entry.on('error', (thrown) => {
    failure = thrown;
  });
  entry.on('drain', () => wake());
  entry.on('close', () => {
    closed = true;
    wake();
  });
  const woken = () => new Promise<void>((resolve) => (wake = resolve));
  // The header has promised a size: a file that grows meanwhile is cut there, as tar itself does.
  for await (const chunk of createReadStream(file, { end: header.size - 1 })) {
    if (closed) break;
    if (!entry.write(chunk) && !closed) await woken();
  }
  const ended = closed ? undefined : woken();
  entry.end(undefined);
  await ended;
  if (failure) throw failure;
}

interface Ignored {
  ignores(name: string): boolean;
  /** May something below this ignored folder go along all the same: by an exception (`!keep`), or because it always does? */
  mayKeepBelow(folder: string): boolean;
}

/** `<Dockerfile>.dockerignore` wins over `.dockerignore`. Source: docker build reference, "Filename and location". */
async function readIgnore(context: BuildContext): Promise<Ignored> {
  const own = context.dockerfileText === undefined ? `${context.dockerfile}.dockerignore` : undefined;
  const text =
    (own === undefined ? undefined : await readText(path.join(context.folder, own))) ??
    (await readText(path.join(context.folder, '.dockerignore'))) ??
    '';
  const rules = dockerignore.default().add(text);
  const exceptions = /^\s*!/m.test(text);
  // The engine needs both, even when they are ignored; it takes them out of the context again itself.
  const kept = new Set([context.dockerfile, '.dockerignore', ...(own === undefined ? [] : [own])]);
  return {
    ignores: (name) => !kept.has(name) && rules.ignores(name),
    mayKeepBelow: (folder) => exceptions || [...kept].some((name) => name.startsWith(`${folder}/`)),
  };
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** Rejects with `path.missing` where the context is no folder. */
export async function requireFolder(folder: string, service: string): Promise<void> {
  const facts = await lstat(folder).catch(() => undefined);
  if (facts?.isDirectory() || facts?.isSymbolicLink()) return;
  throw new AppFailure({
    kind: 'path.missing',
    path: folder,
    service,
    message: `The build context ${folder} of ${service} is not there.`,
  });
}
