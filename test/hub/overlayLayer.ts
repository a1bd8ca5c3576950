import { gzipSync } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { SOURCE_DATE_EPOCH } from './debian.ts';
import type { Overlay } from './recipe.ts';
import { sha256 } from './registryClient.ts';

/** Our own files as a layer, small enough to be held in memory. Later entries of one path win. */
export async function overlayLayer(
  entries: readonly Overlay[],
): Promise<{ readonly bytes: Uint8Array; readonly diffId: string }> {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const layer = pack();
  for (const entry of byPath.values()) addEntry(layer, entry);
  layer.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer) chunks.push(chunk as Uint8Array);
  const archive = Buffer.concat(chunks);
  return { bytes: gzipSync(archive), diffId: sha256(archive) };
}

function addEntry(layer: Pack, entry: Overlay): void {
  const mtime = new Date(SOURCE_DATE_EPOCH * 1000);
  switch (entry.type) {
    case 'file':
      layer.entry({ name: entry.path, mode: entry.mode ?? 0o644, mtime }, entry.text);
      return;
    case 'link':
      layer.entry({ name: entry.path, type: 'symlink', linkname: entry.to, mode: 0o777, mtime });
      return;
    case 'folder': {
      const owner = entry.owner ?? 0;
      layer.entry({
        name: entry.path,
        type: 'directory',
        mode: entry.mode ?? 0o755,
        uid: owner,
        gid: owner,
        mtime,
      });
      return;
    }
  }
}
