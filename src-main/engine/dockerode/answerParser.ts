/** What the body of an answer is made of, given piece by piece: places in the bytes pushed, valid during the call. */
export interface BodySink {
  body(bytes: Buffer, start: number, end: number): void;
}

/** No engine's head comes near this. */
const MAX_HEAD_BYTES = 64 * 1024;
/** Hexadecimal digits of one chunk's size: up to 4 GiB. */
const MAX_SIZE_DIGITS = 8;
const MAX_EXTENSION_BYTES = 4096;

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const BLANK = 32;
const TAB = 9;
const NO_DIGIT = 16;
const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/** Value of a hexadecimal digit; NO_DIGIT for other bytes. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? NO_DIGIT : value;
});

const State = {
  head: 0,
  /** Until the connection ends: the answer named no length. */
  rest: 1,
  /** A body or a chunk of known length. */
  data: 2,
  size: 3,
  /** What may follow a size, up to its line's end. */
  extension: 4,
  sizeEnd: 5,
  dataEnd: 6,
  dataLineEnd: 7,
  /** Lines behind the last chunk, up to an empty one. */
  trailer: 8,
  over: 9,
} as const;
type State = (typeof State)[keyof typeof State];

/**
 * Reads one answer of HTTP/1.1 from bytes cut anywhere: its status, and its body without what frames it. An engine puts each line of
 * a log into a chunk of its own, a million of them; here that costs no call and no object each. Throws at what is not HTTP.
 * Source: RFC 9112, sections 4, 6 and 7.1.
 */
export class AnswerParser {
  readonly #sink: BodySink;
  #state: State = State.head;
  #head: Buffer = NOTHING;
  #status = 0;
  #isChunked = false;
  #left = 0;
  #digits = 0;
  #chunks = 0;
  #extensionBytes = 0;
  #lineBytes = 0;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  /** Zero until the head has been read. */
  get status(): number {
    return this.#status;
  }

  /** The body has ended where the answer said it would: a connection that ends before has been cut. */
  get isWhole(): boolean {
    return this.#state === State.over || this.#state === State.rest;
  }

  /** Nothing more belongs to it, whatever the connection does. */
  get isOver(): boolean {
    return this.#state === State.over;
  }

  /** How many chunks have begun since this was last asked: each is one piece that the engine wrote. */
  takeChunks(): number {
    const chunks = this.#chunks;
    this.#chunks = 0;
    return chunks;
  }

  push(bytes: Buffer, end: number): void {
    if (this.#state === State.head) this.#readHead(bytes.subarray(0, end));
    else if (this.#state === State.rest) this.#sink.body(bytes, 0, end);
    else {
      for (let at = 0; at < end && !this.isOver; ) {
        if (this.#state === State.data) at = this.#readData(bytes, at, end);
        else this.#readFraming(bytes[at++] ?? 0);
      }
    }
  }

  #readData(bytes: Buffer, at: number, end: number): number {
    const stop = Math.min(end, at + this.#left);
    this.#sink.body(bytes, at, stop);
    this.#left -= stop - at;
    if (this.#left === 0) this.#state = this.#isChunked ? State.dataEnd : State.over;
    return stop;
  }

  #readFraming(byte: number): void {
    switch (this.#state) {
      case State.size:
        this.#readSize(byte);
        break;
      case State.extension:
        if (++this.#extensionBytes > MAX_EXTENSION_BYTES) throw malformed('a chunk extension without an end');
        if (byte === CR) this.#state = State.sizeEnd;
        break;
      case State.sizeEnd:
        this.#beginChunk(byte);
        break;
      case State.dataEnd:
        if (byte !== CR) throw malformed('a chunk that is longer than it says');
        this.#state = State.dataLineEnd;
        break;
      case State.dataLineEnd:
        if (byte !== LF) throw malformed('a chunk that is longer than it says');
        this.#state = State.size;
        break;
      default:
        this.#readTrailer(byte);
    }
  }

  #readSize(byte: number): void {
    const digit = DIGITS[byte] ?? NO_DIGIT;
    if (digit < NO_DIGIT) {
      if (++this.#digits > MAX_SIZE_DIGITS) throw malformed('a chunk of impossible size');
      this.#left = this.#left * 16 + digit;
    } else if (this.#digits > 0 && byte === CR) this.#state = State.sizeEnd;
    else if (this.#digits > 0 && (byte === SEMICOLON || byte === BLANK || byte === TAB)) {
      this.#extensionBytes = 0;
      this.#state = State.extension;
    } else throw malformed('a chunk without a size');
  }

  #beginChunk(byte: number): void {
    if (byte !== LF) throw malformed('a chunk without a size');
    this.#digits = 0;
    this.#chunks++;
    this.#state = this.#left > 0 ? State.data : State.trailer;
  }

  #readTrailer(byte: number): void {
    if (byte === LF) {
      if (this.#lineBytes === 0) this.#state = State.over;
      this.#lineBytes = 0;
    } else if (byte !== CR && ++this.#lineBytes > MAX_HEAD_BYTES) throw malformed('a trailer without an end');
  }

  /** The head comes once: copying it costs nothing. What stands behind it is pushed again. */
  #readHead(bytes: Buffer): void {
    const known = Buffer.concat([this.#head, bytes]);
    const stop = known.indexOf(HEAD_END);
    if (stop < 0) {
      if (known.length > MAX_HEAD_BYTES) throw malformed('a head without an end');
      this.#head = known;
      return;
    }
    this.#head = NOTHING;
    const head = known.toString('latin1', 0, stop);
    const status = statusOf(head);
    // 100 and its like announce an answer, which follows.
    if (status >= 200) this.#begin(status, fieldsOf(head));
    const behind = known.subarray(stop + HEAD_END.length);
    if (behind.length > 0) this.push(behind, behind.length);
  }

  #begin(status: number, fields: ReadonlyMap<string, string>): void {
    this.#status = status;
    const coding = fields.get('transfer-encoding');
    const length = fields.get('content-length');
    this.#isChunked = coding !== undefined;
    if (coding !== undefined) {
      if (coding.toLowerCase() !== 'chunked') throw malformed('a body in an encoding nobody asked for');
      this.#state = State.size;
    } else if (status === 204 || status === 304) this.#state = State.over;
    else if (length === undefined) this.#state = State.rest;
    else {
      if (!/^\d{1,15}$/.test(length)) throw malformed('a length that is no number');
      this.#left = Number(length);
      this.#state = this.#left > 0 ? State.data : State.over;
    }
  }
}

function statusOf(head: string): number {
  const status = /^HTTP\/1\.[01] (\d{3})(?:[ \r]|$)/.exec(head)?.[1];
  if (status === undefined) throw malformed('no status');
  return Number(status);
}

/** By name in small letters; of a name that stands twice, the last. */
function fieldsOf(head: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}

function malformed(what: string): Error {
  return new Error(`What answers does not speak HTTP: ${what}.`);
}
