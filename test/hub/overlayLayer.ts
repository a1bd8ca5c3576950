import { gzipSync } from 'node:zlib';
import { extract, type Pack, pack } from 'tar-stream';
import { SOURCE_DATE_EPOCH } from './debian.ts';
import { npmTarball } from './npmTarball.ts';
import type { Overlay } from './recipe.ts';
import { sha256 } from './registryClient.ts';

export interface OverlayLayer {
  readonly bytes: Uint8Array;
  readonly diffId: string;
}

const MTIME = new Date(SOURCE_DATE_EPOCH * 1000);

/** Our own files as a layer, small enough to be held in memory. Later entries of one path win. */
export async function overlayLayer(entries: readonly Overlay[]): Promise<OverlayLayer> {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const layer = pack();
  const collected = collect(layer);
  for (const entry of byPath.values()) await addEntry(layer, entry);
  layer.finalize();
  const archive = await collected;
  return { bytes: gzipSync(archive), diffId: sha256(archive) };
}

async function addEntry(layer: Pack, entry: Overlay): Promise<void> {
  switch (entry.type) {
    case 'file':
      layer.entry({ name: entry.path, mode: entry.mode ?? 0o644, mtime: MTIME }, entry.text);
      return;
    case 'link':
      layer.entry({ name: entry.path, type: 'symlink', linkname: entry.to, mode: 0o777, mtime: MTIME });
      return;
    case 'npm':
      await addNpmPackage(layer, entry);
      return;
    case 'folder': {
      const owner = entry.owner ?? 0;
      layer.entry({
        name: entry.path,
        type: 'directory',
        mode: entry.mode ?? 0o755,
        uid: owner,
        gid: owner,
        mtime: MTIME,
      });
      return;
    }
  }
}

async function addNpmPackage(layer: Pack, entry: Extract<Overlay, { type: 'npm' }>): Promise<void> {
  const unpacked = extract();
  const tarball = npmTarball(entry.name, entry.version);
  tarball.on('error', (thrown) => unpacked.destroy(thrown));
  tarball.pipe(unpacked);
  for await (const file of unpacked) {
    if (file.header.type !== 'file') {
      file.resume();
      continue;
    }
    // Everything in such an archive stands under one folder, usually `package/`.
    const path = file.header.name.replace(/^[^/]+\//, '');
    const mode = file.header.mode | 0o644;
    layer.entry(
      { name: `${entry.path}/${path}`, mode: path.includes('bin/') ? mode | 0o111 : mode, mtime: MTIME },
      await collect(file),
    );
  }
}

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
