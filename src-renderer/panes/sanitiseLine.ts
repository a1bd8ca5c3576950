const ESC = 0x1b;
const BEL = 0x07;
const TAB = 0x09;
const CR = 0x0d;
/** A colour change with more parameters than this is not meant for eyes. */
const SGR_BYTES = 64;
/** `P X ] ^ _` after ESC open a string: DCS, SOS, OSC, PM, APC. */
const STRINGS: ReadonlySet<number> = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f]);

/**
 * What of a container's line may reach the terminal of a log pane: text, tabs and colours (SGR). Titles, clipboard writes,
 * links, cursor movements, device queries and all other controls are taken out; of a carriage return, what comes after the
 * last one is left, as a terminal would show it. Works on bytes: broken UTF-8 passes through for the terminal to replace.
 */
export function sanitiseLine(line: Uint8Array): Uint8Array {
  if (isPlain(line)) return line;
  const kept = new Kept(line.length);
  let at = 0;
  while (at < line.length) {
    const byte = line[at] ?? 0;
    if (byte === ESC) {
      const end = escapeEnd(line, at);
      if (isColour(line, at, end)) kept.append(line.subarray(at, end));
      at = end;
      continue;
    }
    at += 1;
    if (byte === CR && hasText(line, at)) kept.clear();
    else if (isText(byte)) kept.push(byte);
  }
  return kept.bytes();
}

/** What is left of a line. Never holds U+0080–U+009F, not even where a removed byte would have joined one together. */
class Kept {
  readonly #bytes: Uint8Array;
  #size = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  push(byte: number): void {
    if (isC1(byte) && this.#size > 0 && this.#bytes[this.#size - 1] === 0xc2) this.#size -= 1;
    else this.#bytes[this.#size++] = byte;
  }

  append(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  clear(): void {
    this.#size = 0;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === TAB;
}

function isPlain(line: Uint8Array): boolean {
  for (const [at, byte] of line.entries()) {
    if (!isText(byte)) return false;
    if (byte === 0xc2 && isC1(line[at + 1])) return false;
  }
  return true;
}

function isC1(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte <= 0x9f;
}

function hasText(line: Uint8Array, from: number): boolean {
  for (let at = from; at < line.length; at += 1) {
    if ((line[at] ?? 0) > 0x20) return true;
  }
  return false;
}

/** The offset after the escape sequence that begins at `at`. One that never ends is only its introducer. */
function escapeEnd(line: Uint8Array, at: number): number {
  const kind = line[at + 1];
  if (kind === undefined) return at + 1;
  if (kind === 0x5b) return csiEnd(line, at + 2);
  if (STRINGS.has(kind)) return stringEnd(line, at + 2);
  if (kind >= 0x20 && kind <= 0x2f) return intermediateEnd(line, at + 1);
  return kind === ESC || kind < 0x20 ? at + 1 : at + 2;
}

/** Parameters and intermediates, then one final byte. Anything else breaks it off. */
function csiEnd(line: Uint8Array, from: number): number {
  let at = from;
  while (at < line.length && (line[at] ?? 0) >= 0x20 && (line[at] ?? 0) <= 0x3f) at += 1;
  const final = line[at] ?? 0;
  return final >= 0x40 && final <= 0x7e ? at + 1 : at;
}

function intermediateEnd(line: Uint8Array, from: number): number {
  let at = from;
  while (at < line.length && (line[at] ?? 0) >= 0x20 && (line[at] ?? 0) <= 0x2f) at += 1;
  return Math.min(at + 1, line.length);
}

/** Up to BEL or ESC \. Where neither comes, the text is shown rather than swallowed. */
function stringEnd(line: Uint8Array, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === BEL) return at + 1;
    if (line[at] === ESC) return line[at + 1] === 0x5c ? at + 2 : at;
  }
  return from;
}

function isColour(line: Uint8Array, from: number, end: number): boolean {
  if (line[from + 1] !== 0x5b || line[end - 1] !== 0x6d || end - from > SGR_BYTES) return false;
  for (let at = from + 2; at < end - 1; at += 1) {
    const byte = line[at] ?? 0;
    if (byte < 0x30 || byte > 0x3b) return false; // digits, colon, semicolon: no private marks, no intermediates
  }
  return true;
}
