import { stripVTControlCharacters } from 'node:util';
import { Demuxer } from '#engine/demux.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';

/** A line longer than this tells nothing more on a card. */
const LINE_LIMIT = 2_000;
/** Of a container that prints endless lines no more is read. */
const BYTES_LIMIT = 1024 * 1024;

/** The last lines that a container wrote, oldest first, without escape sequences. */
export async function logTail(
  engine: Engine,
  container: Pick<ObservedContainer, 'id' | 'tty'>,
  lines: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const source = await engine.openLogs(container.id, {
    follow: false,
    tail: lines,
    timestamps: false,
    signal,
  });
  const demuxer = new Demuxer();
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of source) {
      for (const { bytes } of container.tty ? [{ bytes: chunk }] : demuxer.push(chunk)) {
        parts.push(bytes.slice());
        size += bytes.length;
      }
      if (size > BYTES_LIMIT) break;
    }
  } finally {
    source.close();
  }
  const text = stripVTControlCharacters(Buffer.concat(parts).toString('utf8'));
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-lines)
    .map((line) => line.slice(0, LINE_LIMIT));
}
