/** The last bytes of a stream, addressed by how many came before them. */
export class ReplayRing {
  readonly #bytes: Buffer;
  #end = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.alloc(capacity);
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** Position of the first byte that is still here. */
  get start(): number {
    return Math.max(0, this.#end - this.#bytes.length);
  }

  /** Position behind the last byte. */
  get end(): number {
    return this.#end;
  }

  push(bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#bytes.length));
    this.#end += bytes.length - kept.length;
    const at = this.#end % this.#bytes.length;
    const first = Math.min(kept.length, this.#bytes.length - at);
    this.#bytes.set(kept.subarray(0, first), at);
    this.#bytes.set(kept.subarray(first), 0);
    this.#end += kept.length;
  }

  /** A copy of at most `limit` bytes from `position` on. */
  read(position: number, limit: number): Uint8Array {
    const length = Math.max(0, Math.min(limit, this.#end - position));
    const copy = new Uint8Array(length);
    const at = position % this.#bytes.length;
    const first = Math.min(length, this.#bytes.length - at);
    copy.set(this.#bytes.subarray(at, at + first), 0);
    copy.set(this.#bytes.subarray(0, length - first), first);
    return copy;
  }

  /** The first position at or behind `position` where a line begins; `position` itself when none does. */
  lineStart(position: number): number {
    const bytes = this.read(position, this.#end - position);
    const feed = bytes.indexOf(10);
    return feed < 0 ? position : position + feed + 1;
  }
}
