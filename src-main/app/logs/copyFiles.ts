import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, readlink, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Header, type Pack, pack } from 'tar-stream';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { readTree, statFile } from '#streams/files.ts';

interface Copy {
  readonly engine: Engine;
  readonly id: ContainerId;
  /** In the container. */
  readonly inside: string;
  /** On this machine, absolute. */
  readonly local: string;
  readonly signal: AbortSignal;
}

/** A file or folder out of a container: into `local` where that is a folder, as `local` where it is not. */
export async function copyOut({ engine, id, inside, local, signal }: Copy): Promise<void> {
  await statFile(engine, id, inside, { signal });
  const source = await readTree(engine, id, inside, { signal });
  const isFolder = await stat(local).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const parser = extract();
  const fed = pipeline(source, parser);
  // What stops the reading is thrown by the loop.
  fed.catch(() => undefined);
  for await (const entry of parser) {
    const [top = '', ...below] = partsOf(entry.header.name);
    const root = isFolder ? path.join(local, top) : local;
    await requireNoLinkAbove(root, below);
    await unpack(entry, entry.header, path.join(root, ...below));
  }
  await fed;
}

/** A name that leads out of where it belongs is refused: what a container sends may be anything. */
function partsOf(name: string): string[] {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (!parts.includes('..')) return parts;
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'path',
    message: `The archive holds ${name}, which leads out of it.`,
  });
}

async function unpack(
  entry: AsyncIterable<unknown> & { resume(): unknown },
  header: Header,
  target: string,
): Promise<void> {
  const mode = header.mode === undefined ? undefined : header.mode & 0o777;
  if (header.type === 'directory') await mkdir(target, { recursive: true, mode });
  else if (header.type === 'file') {
    await removeLink(target);
    return pipeline(entry, createWriteStream(target, { mode }));
  } else if (header.type === 'symlink' && header.linkname) {
    await rm(target, { force: true });
    await symlink(header.linkname, target);
  }
  entry.resume();
}

/** Writing through a link that the archive itself has just made could reach any file of this machine. */
async function removeLink(target: string): Promise<void> {
  const found = await lstat(target).catch(() => undefined);
  if (found?.isSymbolicLink()) await rm(target);
}

async function requireNoLinkAbove(root: string, below: readonly string[]): Promise<void> {
  for (let depth = 0; depth < below.length; depth++) {
    const folder = path.join(root, ...below.slice(0, depth));
    const found = await lstat(folder).catch(() => undefined);
    if (!found?.isSymbolicLink()) continue;
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'path',
      message: `${folder} is a link; nothing is written through it.`,
    });
  }
}

/** A file or folder of this machine into a container: into `inside` where that is a folder, as `inside` where it is not. */
export async function copyIn({ engine, id, inside, local, signal }: Copy): Promise<void> {
  await stat(local).catch((cause: unknown) => {
    throw new AppFailure({ kind: 'path.missing', path: local, message: `${local} is not there.` }, { cause });
  });
  const there = await engine.statPath(id, inside, { signal });
  const folder = there?.isDirectory ? inside : path.posix.dirname(inside);
  const name = there?.isDirectory ? path.basename(local) : path.posix.basename(inside);
  const tar = pack();
  const filled = addTree(tar, local, name).then(
    () => tar.finalize(),
    (thrown: unknown) => tar.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
  );
  await engine.writeArchive(id, folder, tar as AsyncIterable<Uint8Array>, { signal });
  await filled;
}

async function addTree(tar: Pack, file: string, name: string): Promise<void> {
  const facts = await lstat(file);
  const header = { name, mode: facts.mode & 0o7777, mtime: facts.mtime };
  if (facts.isDirectory()) {
    await added(tar, { ...header, type: 'directory' });
    for (const entry of (await readdir(file)).sort())
      await addTree(tar, path.join(file, entry), `${name}/${entry}`);
  } else if (facts.isSymbolicLink()) {
    await added(tar, { ...header, type: 'symlink', linkname: await readlink(file) });
  } else if (facts.isFile()) {
    await pipeline(createReadStream(file), tar.entry({ ...header, size: facts.size }));
  }
}

function added(tar: Pack, header: Pick<Header, 'name'> & Partial<Header>): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, (error) => (error ? reject(error) : resolve()));
  });
}
