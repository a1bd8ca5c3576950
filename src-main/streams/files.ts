import { extract, type Header, pack } from 'tar-stream';
import { deferred } from '#base/deferred.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { PathStat } from '#engine/containers.ts';
import type { Cancel, Engine } from '#engine/engine.ts';

/** What stands in a folder of a container. */
export interface ContainerFile {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly sizeBytes: number;
  /** Permission bits, as chmod takes them. */
  readonly mode: number;
  readonly modified: number;
  /** For links. */
  readonly target?: string | undefined;
  readonly user: string;
}

/** A folder with more is shown in part. */
export const MAX_ENTRIES = 10_000;
/** The archive API gives folders with all that is below them: so much of it is read for one level of names. */
const MAX_LISTED_BYTES = 256 * 1024 * 1024;

export interface FileListing {
  /** By name. */
  readonly entries: readonly ContainerFile[];
  /** Not all: the folder, or what lies below it, is too large. */
  readonly truncated: boolean;
}

/**
 * One level of a folder, of a running or a stopped container. The archive API knows no listing, only whole trees: a
 * container that runs and has a shell with `stat` is asked itself, which takes no time; of others the tree is read, up to a bound.
 */
export async function listFiles(
  engine: Engine,
  id: ContainerId,
  folder: string,
  options?: Cancel,
): Promise<FileListing> {
  await statFile(engine, id, folder, options);
  const entries = await listByShell(engine, id, folder, options);
  if (entries !== undefined)
    return { entries: byName(entries.slice(0, MAX_ENTRIES)), truncated: entries.length > MAX_ENTRIES };
  return listByArchive(engine, id, folder, options);
}

async function listByArchive(
  engine: Engine,
  id: ContainerId,
  folder: string,
  options?: Cancel,
): Promise<FileListing> {
  const source = await engine.readArchive(id, withSlashDot(folder), options);
  const entries = new Map<string, ContainerFile>();
  let seen = 0;
  try {
    const parser = extract();
    const fed = feed(source, parser, (bytes) => {
      seen += bytes;
      return seen <= MAX_LISTED_BYTES;
    });
    for await (const entry of parser) {
      const file = fileOf(entry.header);
      if (file !== undefined) entries.set(file.name, file);
      entry.resume();
      if (entries.size >= MAX_ENTRIES) break;
    }
    const truncated = entries.size >= MAX_ENTRIES || !(await fed);
    return { entries: byName([...entries.values()]), truncated };
  } finally {
    source.close();
  }
}

/** For each name: type and permissions (hexadecimal), size, time, owner, name, and for links a second line with the target. */
const LIST = `
cd -- "$1" || exit 3
for f in * .[!.]* ..?*; do
  [ -e "$f" ] || [ -L "$f" ] || continue
  stat -c '%f %s %Y %u:%g %n' -- "$f" || exit 4
  [ ! -L "$f" ] || echo "> $(readlink -- "$f")"
done
`;
const MAX_LISTING_BYTES = 4 * 1024 * 1024;
const LISTED = /^([0-9a-f]+) (\d+) (-?\d+) (\d+:\d+) (.+)$/;

/** Undefined where the container does not run, has no such shell, or has names that a line cannot hold. */
async function listByShell(
  engine: Engine,
  id: ContainerId,
  folder: string,
  options?: Cancel,
): Promise<ContainerFile[] | undefined> {
  try {
    const command = ['sh', '-c', LIST, 'sh', folder];
    const result = await engine.exec(id, { command, user: '0', limitBytes: MAX_LISTING_BYTES, ...options });
    return result.exitCode === 0 && !result.truncated
      ? parseListing(Buffer.from(result.stdout).toString())
      : undefined;
  } catch (thrown) {
    if (isKind(thrown, 'engine.conflict', 'engine.failed', 'engine.notFound', 'engine.denied'))
      return undefined;
    throw thrown;
  }
}

function parseListing(text: string): ContainerFile[] | undefined {
  const files: ContainerFile[] = [];
  for (const line of text.split('\n').filter((candidate) => candidate !== '')) {
    const last = files.at(-1);
    if (line.startsWith('> ') && last?.type === 'link') {
      files[files.length - 1] = { ...last, target: line.slice(2) };
      continue;
    }
    const [, mode = '', size, modified, user = '', name = ''] = LISTED.exec(line) ?? [];
    if (name === '') return undefined;
    const bits = Number.parseInt(mode, 16);
    files.push({
      name,
      type: typeOf(bits),
      sizeBytes: Number(size),
      mode: bits & 0o7777,
      modified: Number(modified) * 1000,
      user,
    });
  }
  return files;
}

/** Source: stat(2), S_IFMT. */
function typeOf(bits: number): ContainerFile['type'] {
  switch (bits & 0o170000) {
    case 0o040000:
      return 'directory';
    case 0o100000:
      return 'file';
    case 0o120000:
      return 'link';
    default:
      return 'other';
  }
}

function byName(files: readonly ContainerFile[]): ContainerFile[] {
  return files.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Facts of one path. Rejects with `notFound`. */
export async function statFile(
  engine: Engine,
  id: ContainerId,
  path: string,
  options?: Cancel,
): Promise<PathStat> {
  const stat = await engine.statPath(id, path, options);
  if (stat === undefined) throw notFound(path);
  return stat;
}

/** The bytes of one file, as they are asked for. Rejects with `notFound`; a folder is `input.invalid`. */
export async function readContainerFile(
  engine: Engine,
  id: ContainerId,
  path: string,
  options?: Cancel,
): Promise<{ readonly sizeBytes: number; readonly bytes: AsyncIterable<Uint8Array> }> {
  const stat = await followed(engine, id, path, options);
  const source = await engine.readArchive(id, stat.path, options);
  const parser = extract();
  void feed(source, parser, () => true);
  const first = await parser[Symbol.asyncIterator]().next();
  if (first.done || first.value.header.type !== 'file') {
    source.close();
    throw new AppFailure({ kind: 'input.invalid', field: 'path', message: `${path} is no file.` });
  }
  const entry = first.value;
  async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for await (const chunk of entry) yield chunk as Uint8Array;
    } finally {
      source.close();
    }
  }
  return { sizeBytes: entry.header.size ?? 0, bytes: bytes() };
}

/** A folder or a file as a tar stream, for download. */
export async function readTree(
  engine: Engine,
  id: ContainerId,
  path: string,
  options?: Cancel,
): Promise<AsyncIterable<Uint8Array>> {
  return engine.readArchive(id, path, options);
}

/** Writes one file into a folder of the container; replaces one of that name, keeping who may do what with it. */
export async function writeContainerFile(
  engine: Engine,
  id: ContainerId,
  file: {
    readonly folder: string;
    readonly name: string;
    readonly sizeBytes: number;
    readonly bytes: AsyncIterable<Uint8Array>;
  },
  options?: Cancel,
): Promise<void> {
  if (file.name === '' || file.name === '.' || file.name === '..' || file.name.includes('/')) {
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'name',
      message: `"${file.name}" is no name for a file.`,
    });
  }
  const old = await engine.statPath(id, `${file.folder.replace(/\/$/, '')}/${file.name}`, options);
  const tar = pack();
  const filled = fill(tar, file, old === undefined ? 0o644 : old.mode & 0o7777);
  // The write fails first when the engine refuses; filling then ends with it.
  filled.catch(() => undefined);
  await engine.writeArchive(id, file.folder, tar as AsyncIterable<Uint8Array>, options);
  await filled;
}

/** What the container changed against its image, by path. */
export async function changedFiles(engine: Engine, id: ContainerId, options?: Cancel) {
  const changes = await engine.changes(id, options);
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

async function fill(
  tar: ReturnType<typeof pack>,
  {
    name,
    sizeBytes,
    bytes,
  }: { readonly name: string; readonly sizeBytes: number; readonly bytes: AsyncIterable<Uint8Array> },
  mode: number,
): Promise<void> {
  const written = deferred<void>();
  const entry = tar.entry({ name, size: sizeBytes, mode, mtime: new Date() }, (error) =>
    error ? written.reject(error) : written.resolve(),
  );
  try {
    for await (const chunk of bytes) {
      if (!entry.write(chunk)) await new Promise<void>((resolve) => entry.once('drain', () => resolve()));
    }
    entry.end(undefined);
    await written.promise;
    tar.finalize();
  } catch (thrown) {
    tar.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    throw thrown;
  }
}

/** Feeds a tar stream into its parser until `more` says stop. True when it was read to the end. */
async function feed(
  source: AsyncIterable<Uint8Array>,
  parser: ReturnType<typeof extract>,
  more: (bytes: number) => boolean,
): Promise<boolean> {
  try {
    for await (const chunk of source) {
      if (!more(chunk.length)) {
        parser.destroy();
        return false;
      }
      if (!parser.write(chunk)) await drained(parser);
    }
    parser.end(undefined);
    return true;
  } catch (thrown) {
    parser.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    return false;
  }
}

/** A parser that was left early never drains. */
function drained(parser: ReturnType<typeof extract>): Promise<void> {
  return new Promise<void>((resolve) => {
    const settle = () => {
      parser.off('drain', settle);
      parser.off('close', settle);
      resolve();
    };
    parser.on('drain', settle);
    parser.on('close', settle);
  });
}

/** The first part below the folder; its own entry has none. */
function fileOf(header: Header): ContainerFile | undefined {
  const [, name = '', rest] =
    /^(?:[^/]*\/)?([^/]*)(\/.+)?$/.exec(header.name.replace(/\/$/, '').replace(/^\.\//, './')) ?? [];
  if (name === '' || name === '.' || rest !== undefined) return undefined;
  return {
    name,
    type:
      header.type === 'directory'
        ? 'directory'
        : header.type === 'file'
          ? 'file'
          : header.type === 'symlink'
            ? 'link'
            : 'other',
    sizeBytes: header.size ?? 0,
    mode: (header.mode ?? 0) & 0o7777,
    modified: header.mtime?.getTime() ?? 0,
    target: header.linkname ?? undefined,
    user: `${header.uid ?? 0}:${header.gid ?? 0}`,
  };
}

function withSlashDot(folder: string): string {
  return `${folder.replace(/\/+$/, '')}/.`;
}

async function followed(
  engine: Engine,
  id: ContainerId,
  path: string,
  options: Cancel | undefined,
): Promise<{ readonly path: string }> {
  const stat = await statFile(engine, id, path, options);
  return { path: stat.linkTarget === '' ? path : stat.linkTarget };
}

function notFound(path: string): AppFailure {
  return new AppFailure({ kind: 'notFound', what: path, message: `There is no ${path} in this container.` });
}
