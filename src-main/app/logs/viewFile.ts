import type { ContainerId } from '#contract/ids.ts';
import type { FileView } from '#contract/requests/files.ts';
import type { Cancel, Engine } from '#engine/engine.ts';
import { readContainerFile } from '#streams/files.ts';

/** What is read of a file to look at it; the whole is a download. */
const VIEW_BYTES = 256 * 1024;
/** Where git and grep look for a NUL byte to tell binary from text. */
const SNIFF_BYTES = 8000;

/** The beginning of a container's file as text; without text where it is none. */
export async function viewFile(
  engine: Engine,
  id: ContainerId,
  path: string,
  options: Cancel,
): Promise<FileView> {
  const { sizeBytes, bytes } = await readContainerFile(engine, id, path, options);
  const head = await first(bytes, VIEW_BYTES);
  const truncated = sizeBytes > head.length;
  if (head.subarray(0, SNIFF_BYTES).includes(0)) return { path, sizeBytes, truncated };
  // A character that was cut in two at the end is left out.
  const text = new TextDecoder().decode(head, { stream: truncated });
  return { path, sizeBytes, text, truncated };
}

async function first(source: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source) {
    parts.push(part.slice());
    size += part.length;
    if (size >= limit) break;
  }
  return Buffer.concat(parts).subarray(0, limit);
}
