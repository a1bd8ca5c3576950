import path from 'node:path';
import { type Header, type Pack, pack } from 'tar-stream';
import { throwIfCancelled } from '#contract/errors.ts';
import type { BuildEntry, BuildFolder } from '#engine/builds.ts';
import { contextFolder } from './contextFolder.ts';
import { readIgnoreFile } from './ignoreRules.ts';
import type { SeenContext } from './seenContext.ts';

export interface TarContext {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Path of the Dockerfile inside the context, as the engine is told. */
  readonly dockerfile: string;
  /** A Dockerfile that does not come from the folder: written inline, or standing outside of it. */
  readonly dockerfileText?: string | undefined;
  /** Text of the ignore file that counts. */
  readonly ignore?: string | undefined;
  /** Notes what is sent. */
  readonly seen?: SeenContext | undefined;
}

/**
 * The build context as a tar stream, for the classic builder, read as it is taken: a context of gigabytes costs no memory.
 * Owners are root; modes, times and links are kept.
 */
export async function* contextTar(context: TarContext, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
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

async function fill(tar: Pack, context: TarContext, signal: AbortSignal | undefined): Promise<void> {
  if (context.dockerfileText !== undefined) {
    await writeEntry(tar, { name: context.dockerfile, ...ROOT, mode: 0o600 }, context.dockerfileText);
  }
  // The engine needs both, even when they are ignored; it takes them out of the context again itself.
  const kept = [`!${context.dockerfile}`, '!.dockerignore'];
  const exclude = [...readIgnoreFile(context.ignore ?? ''), ...kept];
  const plain = contextFolder(path.resolve(context.folder));
  const folder = context.seen?.watch(plain) ?? plain;
  for await (const entry of folder.list({ exclude, only: [] })) {
    throwIfCancelled(signal);
    await addEntry(tar, folder, entry);
  }
  tar.finalize();
}

/** tar-stream fills in what is left out. */
type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

const ROOT = { uid: 0, gid: 0 };

async function addEntry(tar: Pack, folder: BuildFolder, entry: BuildEntry): Promise<void> {
  const mtime = new Date(Number(entry.modifiedNs / 1_000_000n));
  const header = { name: entry.path, ...ROOT, mode: entry.mode, mtime };
  switch (entry.kind) {
    case 'folder':
      return writeEntry(tar, { ...header, name: `${entry.path}/`, type: 'directory' });
    case 'link':
      return writeEntry(tar, { ...header, type: 'symlink', linkname: entry.linkTarget ?? '' });
    case 'file':
      if (entry.linkTarget !== undefined)
        return writeEntry(tar, { ...header, type: 'link', linkname: entry.linkTarget });
      return writeFile(tar, { ...header, size: entry.sizeBytes }, folder.read(entry.path));
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
  content: AsyncIterable<Uint8Array>,
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
  let left = header.size;
  for await (const chunk of content) {
    if (closed || left === 0) break;
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (!entry.write(part) && !closed) await woken();
  }
  const ended = closed ? undefined : woken();
  entry.end(undefined);
  await ended;
  if (failure) throw failure;
}
