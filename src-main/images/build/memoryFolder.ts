import { createHash } from 'node:crypto';
import type { BuildEntry, BuildFolder } from '#engine/builds.ts';

/** A folder that is nowhere on a disk: a Dockerfile written inline, or one that was completed. Names without folders. */
export function memoryFolder(files: Readonly<Record<string, string>>): BuildFolder {
  const contents = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
  const entry = (path: string): BuildEntry => ({
    path,
    kind: 'file',
    mode: 0o644,
    sizeBytes: contents.get(path)?.length ?? 0,
    // BuildKit compares facts before content: the same text must have the same time, another text another one.
    modifiedNs: BigInt(checksum(files[path] ?? '')),
  });
  return {
    // Another text is another folder: there is nothing that a copy could spare.
    identity: async () => `memory ${createHash('sha256').update(JSON.stringify(files)).digest('hex')}`,
    list: async function* list() {
      yield* [...contents.keys()].sort().map(entry);
    },
    read: async function* read(path) {
      const content = contents.get(path);
      if (content !== undefined && content.length > 0) yield content;
    },
  };
}

/** FNV-1a, 32 bits. */
export function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
