import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { AppFailure, cancelled } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import type { ByteSource } from '#engine/streams.ts';
import { byteChannel } from './channel.ts';
import type { FakeContainer, FakeFile, FileTree } from './state.ts';
import type { World } from './world.ts';

/** Go's os.ModeDir and os.ModeSymlink. */
const MODE_DIRECTORY = 0x80000000;
const MODE_SYMLINK = 0x08000000;

export function archiveCalls(world: World): Pick<Engine, 'readArchive' | 'statPath' | 'writeArchive'> {
  return {
    async readArchive(id, path, options) {
      const container = world.container(id);
      const file = lookUp(world, container, path);
      if (file === undefined) throw noPath(id, path);
      return packed(world, container, normalized(path), options?.signal);
    },
    async statPath(id, path) {
      const file = lookUp(world, world.container(id), path);
      if (file === undefined) return undefined;
      const kind = file.type === 'directory' ? MODE_DIRECTORY : file.type === 'symlink' ? MODE_SYMLINK : 0;
      return {
        name: normalized(path).split('/').at(-1) || '/',
        sizeBytes: file.bytes.length,
        mode: kind + file.mode,
        isDirectory: file.type === 'directory',
        modified: file.modified,
        linkTarget: file.linkTarget,
      };
    },
    async writeArchive(id, path, tar, options) {
      const container = world.container(id);
      if (lookUp(world, container, path)?.type !== 'directory') throw noPath(id, path);
      await unpack(world, container, normalized(path), tar, options?.signal);
    },
  };
}

function noPath(id: string, path: string): AppFailure {
  const message = `Could not find the file ${path} in container ${id}.`;
  return new AppFailure({ kind: 'engine.notFound', what: 'container', id, message });
}

function normalized(path: string): string {
  return `/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
}

/** Which tree holds a path: a volume mounted above it, or the container's own. */
export function treeOf(
  world: World,
  container: FakeContainer,
  path: string,
): { tree: FileTree; prefix: string } {
  const mount = container.mounts
    .filter(({ destination }) => path === destination || path.startsWith(`${destination}/`))
    .toSorted((left, right) => right.destination.length - left.destination.length)[0];
  const volume = mount?.name === undefined ? undefined : world.volumes.get(mount.name);
  if (mount === undefined || volume === undefined) return { tree: container.files, prefix: '' };
  return { tree: volume.files, prefix: mount.destination };
}

/** Directories that every image has, so that one can write without making them. */
const ALWAYS_THERE = new Set(['/', '/tmp', '/etc', '/var', '/usr', '/root', '/data', '/home']);

function lookUp(world: World, container: FakeContainer, path: string): FakeFile | undefined {
  const wanted = normalized(path);
  const { tree, prefix } = treeOf(world, container, wanted);
  const found = tree.get(wanted.slice(prefix.length) || '/');
  if (found !== undefined) return found;
  const isParent = [...tree.keys()].some((key) => `${prefix}${key}`.startsWith(`${wanted}/`));
  if (wanted === prefix || ALWAYS_THERE.has(wanted) || isParent) return directory(0);
  return undefined;
}

function directory(modified: number): FakeFile {
  return {
    bytes: new Uint8Array(),
    mode: 0o755,
    type: 'directory',
    linkTarget: '',
    uid: 0,
    gid: 0,
    modified,
  };
}

export function putFile(world: World, container: FakeContainer, path: string, file: FakeFile): void {
  const wanted = normalized(path);
  const { tree, prefix } = treeOf(world, container, wanted);
  tree.set(wanted.slice(prefix.length) || '/', file);
}

async function unpack(
  world: World,
  container: FakeContainer,
  folder: string,
  tar: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const entries = extract();
  const feeding = Readable.from(tar, { objectMode: false });
  const onAbort = () => feeding.destroy(cancelled());
  signal?.addEventListener('abort', onAbort, { once: true });
  feeding.once('error', (error) => entries.destroy(error));
  feeding.pipe(entries);
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, type, mode, mtime, uid, gid, linkname } = entry.header;
    putFile(world, container, `${folder}/${name}`, {
      bytes: Buffer.concat(chunks),
      mode: mode ?? 0o644,
      type: type === 'directory' || type === 'symlink' ? type : 'file',
      linkTarget: linkname ?? '',
      uid: uid ?? 0,
      gid: gid ?? 0,
      modified: mtime?.getTime() ?? world.clock.now(),
    });
  }
}

/** The engine packs a path under its own last name. */
function packed(
  world: World,
  container: FakeContainer,
  path: string,
  signal: AbortSignal | undefined,
): ByteSource {
  const { channel, source } = byteChannel(signal);
  const { tree, prefix } = treeOf(world, container, path);
  const base = path.split('/').at(-1) || '.';
  const tar = pack();
  const within = [...tree].filter(
    ([key]) => `${prefix}${key}` === path || `${prefix}${key}`.startsWith(`${path}/`),
  );
  if (!within.some(([key]) => `${prefix}${key}` === path)) tar.entry({ name: `${base}/`, type: 'directory' });
  for (const [key, file] of within.toSorted(([left], [right]) => left.localeCompare(right))) {
    const name = `${base}${`${prefix}${key}`.slice(path.length)}`;
    const header = { name, mode: file.mode, uid: file.uid, gid: file.gid, mtime: new Date(file.modified) };
    if (file.type === 'file') tar.entry({ ...header, type: 'file' }, Buffer.from(file.bytes));
    else tar.entry({ ...header, type: file.type, linkname: file.linkTarget });
  }
  tar.finalize();
  void (async () => {
    for await (const chunk of tar) channel.push(chunk as Uint8Array);
    channel.end();
  })();
  return source;
}
