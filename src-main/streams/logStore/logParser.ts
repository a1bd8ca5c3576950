import { LevelTracker } from '../levels.ts';
import { FLAG_CONTINUATION, KIND_STDERR, KIND_STDOUT, KIND_TTY, LEVEL_SHIFT } from './rows.ts';
import { TimestampReader } from './timestamp.ts';

/** Receives lines, or (`more`) parts of lines. `meta`: kind, level and whether it continues the line before (see rows.ts). */
export interface LineSink {
  line(
    meta: number,
    secs: number,
    nanos: number,
    bytes: Buffer,
    start: number,
    end: number,
    more: boolean,
  ): void;
}

const FRAME_HEADER_BYTES = 8;
const LINE_FEED = 10;
/** An engine message is 16 KiB at most; what is longer without an end is handed on in parts. */
const MAX_CARRY_BYTES = 64 * 1024;
/** The engine cuts a line after so many bytes and puts a new timestamp before the rest. Source: moby, daemon/logger/copier.go */
const ENGINE_PIECE_BYTES = 16 * 1024;
/**
 * Parts that do not end their line have these sizes (Docker's, podman's). Docker's `local` driver forgets the line feed behind the
 * last part of a long line, which is known by its smaller size.
 */
const PIECE_SIZES: readonly number[] = [ENGINE_PIECE_BYTES, 8 * 1024];
const LONGEST_TIMESTAMP_BYTES = 40;

/**
 * Takes apart what the engine sends for logs with timestamps: frames of `stdout` and `stderr`, or, for a terminal, the bare
 * bytes. Chunks may be cut anywhere. Lines are given as places in the chunk: nothing is copied but what a cut left over.
 */
export class LogParser {
  readonly #tty: boolean;
  readonly #sink: LineSink;
  readonly #time = new TimestampReader();
  readonly #levels = [new LevelTracker(), new LevelTracker(), new LevelTracker()] as const;
  #carry = Buffer.alloc(0);
  #carried = 0;
  #secs = 0;
  #nanos = 0;
  /** In the middle of a frame that is larger than what is carried: its kind, and how much is left of it. */
  #longKind = -1;
  #longLeft = 0;
  /** In the middle of a terminal's line that was handed on in part: its bytes since the last timestamp. Else -1. */
  #ttyOpen = -1;
  /** By kind: is a line handed on in part, and what it said of itself at its beginning. */
  readonly #isOpen = [false, false, false];
  readonly #meta = [0, 0, 0];
  /** By kind: the timestamp and the size of the last part. */
  readonly #pieceSecs = [0, 0, 0];
  readonly #pieceNanos = [0, 0, 0];
  readonly #pieceBytes = [0, 0, 0];

  constructor(options: { readonly tty: boolean; readonly sink: LineSink }) {
    this.#tty = options.tty;
    this.#sink = options.sink;
  }

  push(chunk: Uint8Array): void {
    const incoming = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (this.#carried > 0 && at < incoming.length) at = this.#fill(incoming, at);
    if (at < incoming.length) this.#keep(incoming, this.#consume(incoming, at, incoming.length));
  }

  /** The stream is over: what has no end yet ends here. */
  end(): void {
    const rest = this.#carry.subarray(0, this.#carried);
    this.#carried = 0;
    if (this.#tty) {
      if (rest.length > 0 || this.#ttyOpen >= 0) this.#ttyLine(rest, 0, rest.length);
    } else if (rest.length > FRAME_HEADER_BYTES) {
      this.#frame(kindOfFrame(rest[0] ?? 1), rest, FRAME_HEADER_BYTES, rest.length, false);
    }
    this.#longLeft = 0;
  }

  /** Completes what was left over with as much of the chunk as it needs. Returns how far the chunk is used. */
  #fill(incoming: Buffer, at: number): number {
    const wanted = this.#tty ? this.#ttyWanted(incoming, at) : this.#frameWanted();
    const taken = Math.min(wanted, incoming.length - at);
    this.#reserve(this.#carried + taken);
    incoming.copy(this.#carry, this.#carried, at, at + taken);
    this.#carried += taken;
    const length = this.#carried;
    const used = this.#consume(this.#carry, 0, length);
    if (used > 0) {
      this.#carry.copy(this.#carry, 0, used, length);
      this.#carried = length - used;
    }
    return at + taken;
  }

  #frameWanted(): number {
    if (this.#carried < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES - this.#carried;
    return Math.min(FRAME_HEADER_BYTES + this.#carry.readUInt32BE(4), MAX_CARRY_BYTES) - this.#carried;
  }

  #ttyWanted(incoming: Buffer, at: number): number {
    const feed = incoming.indexOf(LINE_FEED, at);
    return Math.max(
      1,
      Math.min((feed < 0 ? incoming.length : feed + 1) - at, MAX_CARRY_BYTES - this.#carried),
    );
  }

  #keep(incoming: Buffer, from: number): void {
    const left = incoming.length - from;
    if (left <= 0) return;
    this.#reserve(left);
    incoming.copy(this.#carry, 0, from);
    this.#carried = left;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#carry.length) return;
    const grown = Buffer.allocUnsafeSlow(
      Math.max(bytes, Math.min(MAX_CARRY_BYTES, this.#carry.length * 2), 1024),
    );
    this.#carry.copy(grown, 0, 0, this.#carried);
    this.#carry = grown;
  }

  #consume(bytes: Buffer, at: number, end: number): number {
    return this.#tty ? this.#consumeTty(bytes, at, end) : this.#consumeFrames(bytes, at, end);
  }

  #consumeFrames(bytes: Buffer, start: number, end: number): number {
    let at = start;
    for (;;) {
      if (this.#longLeft > 0) at = this.#longPart(bytes, at, end);
      if (end - at < FRAME_HEADER_BYTES) return at;
      const length =
        (bytes[at + 4] ?? 0) * 0x1000000 +
        (((bytes[at + 5] ?? 0) << 16) | ((bytes[at + 6] ?? 0) << 8) | (bytes[at + 7] ?? 0));
      const kind = kindOfFrame(bytes[at] ?? 1);
      const bodyAt = at + FRAME_HEADER_BYTES;
      if (bodyAt + length <= end) {
        this.#frame(kind, bytes, bodyAt, bodyAt + length, true);
        at = bodyAt + length;
      } else if (end - at >= MAX_CARRY_BYTES) {
        at = this.#startLong(kind, length, bytes, bodyAt, end);
      } else return at;
    }
  }

  /** A frame that is too long to wait for (no Docker engine sends one): its timestamp now, its bytes as they come. */
  #startLong(kind: number, length: number, bytes: Buffer, at: number, end: number): number {
    const textAt = this.#readTime(bytes, at, end);
    this.#longKind = kind;
    this.#longLeft = length - (textAt - at);
    return textAt;
  }

  #longPart(bytes: Buffer, at: number, end: number): number {
    const stop = Math.min(end, at + this.#longLeft);
    this.#longLeft -= stop - at;
    let from = at;
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, from);
      if (feed < 0 || feed >= stop) break;
      this.#emit(this.#longKind, bytes, from, feed, false);
      from = feed + 1;
    }
    if (from < stop) this.#emit(this.#longKind, bytes, from, stop, true);
    return stop;
  }

  /** One message: a line with its line feed, or a part of a line without. */
  #frame(kind: number, bytes: Buffer, start: number, end: number, whole: boolean): void {
    let at = start;
    while (at < end) {
      at = this.#readTime(bytes, at, end);
      if (this.#isOpen[kind]) this.#endOpenLine(kind, bytes);
      const feed = bytes.indexOf(LINE_FEED, at);
      const hasFeed = feed >= 0 && feed < end;
      this.#emit(kind, bytes, at, hasFeed ? feed : end, !hasFeed && whole && PIECE_SIZES.includes(end - at));
      at = hasFeed ? feed + 1 : end;
    }
  }

  /** All pieces of a line bear one timestamp: with another one, a new line begins, even where no line feed ended the last. */
  #endOpenLine(kind: number, bytes: Buffer): void {
    if (this.#pieceSecs[kind] === this.#secs && this.#pieceNanos[kind] === this.#nanos) return;
    if (this.#pieceBytes[kind] !== ENGINE_PIECE_BYTES) return;
    const { secs, nanos } = { secs: this.#secs, nanos: this.#nanos };
    this.#secs = this.#pieceSecs[kind] ?? secs;
    this.#nanos = this.#pieceNanos[kind] ?? nanos;
    this.#emit(kind, bytes, 0, 0, false);
    this.#secs = secs;
    this.#nanos = nanos;
  }

  #consumeTty(bytes: Buffer, start: number, end: number): number {
    let at = start;
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, at);
      if (feed < 0 || feed >= end) break;
      this.#ttyLine(bytes, at, feed);
      at = feed + 1;
    }
    return end - at < MAX_CARRY_BYTES ? at : this.#ttyPieces(bytes, at, end, LONGEST_TIMESTAMP_BYTES);
  }

  #ttyLine(bytes: Buffer, start: number, end: number): void {
    const at = this.#ttyPieces(bytes, start, end, 1);
    this.#emit(KIND_TTY, bytes, at, end, false);
    this.#ttyOpen = -1;
  }

  /**
   * A terminal's output has no frames: inside a long line stands a new timestamp every ENGINE_PIECE_BYTES. Hands on whole
   * pieces while at least `beyond` bytes follow them; returns where the rest begins.
   */
  #ttyPieces(bytes: Buffer, start: number, end: number, beyond: number): number {
    let at = this.#ttyOpen < 0 ? this.#readTime(bytes, start, end) : start;
    let since = Math.max(0, this.#ttyOpen);
    while (end - at >= ENGINE_PIECE_BYTES - since + beyond) {
      const cut = at + ENGINE_PIECE_BYTES - since;
      if (cut > at) this.#emit(KIND_TTY, bytes, at, cut, true);
      at = this.#readTime(bytes, cut, end);
      since = 0;
    }
    this.#ttyOpen = since;
    return at;
  }

  /** Takes over the timestamp at `at`, where there is one. Returns where the text begins. */
  #readTime(bytes: Buffer, at: number, end: number): number {
    const textAt = this.#time.read(bytes, at, end);
    if (textAt < 0) return at;
    this.#secs = this.#time.secs;
    this.#nanos = this.#time.nanos;
    return textAt;
  }

  #emit(kind: number, bytes: Buffer, start: number, end: number, more: boolean): void {
    const tracker = this.#levels[kind as 0 | 1 | 2];
    if (!this.#isOpen[kind]) {
      const level = tracker.next(bytes, start, end);
      this.#meta[kind] = kind | (level << LEVEL_SHIFT) | (tracker.continued ? FLAG_CONTINUATION : 0);
    }
    this.#isOpen[kind] = more;
    if (more) {
      this.#pieceSecs[kind] = this.#secs;
      this.#pieceNanos[kind] = this.#nanos;
      this.#pieceBytes[kind] = end - start;
    }
    this.#sink.line(this.#meta[kind] ?? kind, this.#secs, this.#nanos, bytes, start, end, more);
  }
}

function kindOfFrame(stream: number): number {
  return stream === 2 ? KIND_STDERR : KIND_STDOUT;
}
