/** One piece of a container's output. */
export interface OutputPiece {
  readonly stream: 'stdin' | 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

const HEADER_BYTES = 8;
const NAMES = ['stdin', 'stdout', 'stderr'] as const;

/**
 * Takes apart what the engine multiplexes for containers without a terminal: frames of an 8-byte header
 * (stream, 0, 0, 0, length as 32 bits big-endian) and that many bytes. Source: Docker Engine API, "Attach to a container".
 *
 * `push` takes chunks cut anywhere and gives what is known so far, without copying and without waiting for a frame to be
 * whole, so that it holds at most seven bytes. A header that cannot be one (the engine sent raw bytes after all) turns the
 * rest into stdout.
 */
export class Demuxer {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #left = 0;
  #stream: OutputPiece['stream'] = 'stdout';
  #raw = false;

  push(chunk: Uint8Array): OutputPiece[] {
    if (this.#raw) return chunk.length === 0 ? [] : [{ stream: 'stdout', bytes: chunk }];
    const pieces: OutputPiece[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) {
        at = this.#readHeader(chunk, at, pieces);
        if (this.#raw) break;
        continue;
      }
      const end = Math.min(chunk.length, at + this.#left);
      pieces.push({ stream: this.#stream, bytes: chunk.subarray(at, end) });
      this.#left -= end - at;
      at = end;
    }
    return pieces;
  }

  /** Fills the header; once it is whole, starts the frame. Returns how far the chunk has been read. */
  #readHeader(chunk: Uint8Array, start: number, pieces: OutputPiece[]): number {
    const end = Math.min(chunk.length, start + HEADER_BYTES - this.#headerBytes);
    this.#header.set(chunk.subarray(start, end), this.#headerBytes);
    this.#headerBytes += end - start;
    if (!this.#plausible()) {
      this.#raw = true;
      pieces.push({ stream: 'stdout', bytes: this.#header.slice(0, this.#headerBytes) });
      if (end < chunk.length) pieces.push({ stream: 'stdout', bytes: chunk.subarray(end) });
      return chunk.length;
    }
    if (this.#headerBytes < HEADER_BYTES) return end;
    this.#stream = NAMES[this.#header[0] ?? 1] ?? 'stdout';
    this.#left = new DataView(this.#header.buffer).getUint32(4);
    this.#headerBytes = 0;
    return end;
  }

  #plausible(): boolean {
    const [stream = 0, ...zeros] = this.#header.subarray(0, Math.min(this.#headerBytes, 4));
    return stream < NAMES.length && zeros.every((byte) => byte === 0);
  }
}

/** Both outputs of a multiplexed stream in one pass; stops pulling while the reader does. */
export async function* demultiplex(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<OutputPiece, void, void> {
  const demuxer = new Demuxer();
  for await (const chunk of source) yield* demuxer.push(chunk);
}
