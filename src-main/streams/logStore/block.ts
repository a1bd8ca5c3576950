import { crc32 } from 'node:zlib';
import type { Instant } from './instant.ts';
import { kindOf, levelOf, ROW_BYTES, ROW_WORDS } from './rows.ts';

/**
 * A block is what is written at once: a header of 16 words, a table of rows, the rows' text with a line feed after every
 * line, and up to three bytes of padding. Little-endian, checksummed from the fourth word on, so that a torn end is seen.
 */
export const HEADER_BYTES = 64;
export const MAX_ROWS = 4096;
/** No block is larger: a bigger length in a file is damage. */
export const MAX_BLOCK_BYTES = 512 * 1024;

const MAGIC = 0x31_4c_57_53; // "SWL1"
const HEADER_WORDS = HEADER_BYTES / 4;
const CHECKED_FROM_BYTES = 12;

/** Words of the header. */
const AT = {
  magic: 0,
  totalBytes: 1,
  crc: 2,
  rows: 3,
  textBytes: 4,
  sequence: 5,
  floorSecs: 6,
  floorNanos: 7,
  lastSecs: 8,
  lastNanos: 9,
  mask: 10,
} as const;

/** What a block holds of: levels in the lower byte, kinds in the next. */
export function maskOf(meta: number): number {
  return (1 << levelOf(meta)) | (1 << (8 + kindOf(meta)));
}

/** A block's own facts, without its lines. */
export interface BlockHeader {
  readonly totalBytes: number;
  readonly rows: number;
  readonly textBytes: number;
  /** Order of arrival over all lanes of the store. */
  readonly sequence: number;
  /** The latest time in the lane before this block: no line of it sorts earlier. */
  readonly floor: Instant;
  readonly last: Instant;
  readonly mask: number;
}

/** A block in memory. `table` holds four words a row (see rows.ts). */
export interface Block extends BlockHeader {
  readonly table: Uint32Array;
  readonly text: Buffer;
  /** Times for sorting, two words a row; undefined while the rows' own times never go back. */
  readonly keys: Uint32Array | undefined;
}

export interface BlockParts {
  readonly table: Uint32Array;
  readonly rows: number;
  readonly text: Uint8Array;
  readonly textBytes: number;
  readonly sequence: number;
  readonly floor: Instant;
  readonly last: Instant;
  readonly mask: number;
}

/** The bytes of a block, in memory of its own. */
export function encodeBlock(parts: BlockParts): Buffer {
  const textAt = HEADER_BYTES + parts.rows * ROW_BYTES;
  const totalBytes = (textAt + parts.textBytes + 3) & ~3;
  const bytes = Buffer.allocUnsafeSlow(totalBytes);
  const words = new Uint32Array(bytes.buffer, 0, textAt / 4);
  words.fill(0, 0, HEADER_WORDS);
  words[AT.magic] = MAGIC;
  words[AT.totalBytes] = totalBytes;
  words[AT.rows] = parts.rows;
  words[AT.textBytes] = parts.textBytes;
  words[AT.sequence] = parts.sequence;
  words[AT.floorSecs] = parts.floor.secs;
  words[AT.floorNanos] = parts.floor.nanos;
  words[AT.lastSecs] = parts.last.secs;
  words[AT.lastNanos] = parts.last.nanos;
  words[AT.mask] = parts.mask;
  words.set(parts.table.subarray(0, parts.rows * ROW_WORDS), HEADER_WORDS);
  bytes.set(parts.text.subarray(0, parts.textBytes), textAt);
  bytes.fill(0, textAt + parts.textBytes);
  words[AT.crc] = crc32(bytes.subarray(CHECKED_FROM_BYTES));
  return bytes;
}

/** The header at `at`; undefined where no whole and plausible block begins. */
export function readHeader(bytes: Buffer, at: number): BlockHeader | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const word = (index: number) => bytes.readUInt32LE(at + index * 4);
  const totalBytes = word(AT.totalBytes);
  const rows = word(AT.rows);
  const textBytes = word(AT.textBytes);
  if (word(AT.magic) !== MAGIC || totalBytes > MAX_BLOCK_BYTES || at + totalBytes > bytes.length)
    return undefined;
  if (((HEADER_BYTES + rows * ROW_BYTES + textBytes + 3) & ~3) !== totalBytes) return undefined;
  return {
    totalBytes,
    rows,
    textBytes,
    sequence: word(AT.sequence),
    floor: { secs: word(AT.floorSecs), nanos: word(AT.floorNanos) },
    last: { secs: word(AT.lastSecs), nanos: word(AT.lastNanos) },
    mask: word(AT.mask),
  };
}

/** Is what follows this header what was written? */
export function isSound(bytes: Buffer, at: number, header: BlockHeader): boolean {
  return (
    crc32(bytes.subarray(at + CHECKED_FROM_BYTES, at + header.totalBytes)) ===
    bytes.readUInt32LE(at + AT.crc * 4)
  );
}

/** The block at `at`, sharing memory with `bytes`, which must begin at a multiple of four in its buffer. */
export function readBlock(bytes: Buffer, at: number): Block | undefined {
  const header = readHeader(bytes, at);
  if (header === undefined) return undefined;
  const tableAt = bytes.byteOffset + at + HEADER_BYTES;
  const table = new Uint32Array(bytes.buffer, tableAt, header.rows * ROW_WORDS);
  const textAt = at + HEADER_BYTES + header.rows * ROW_BYTES;
  const text = bytes.subarray(textAt, textAt + header.textBytes);
  return { ...header, table, text, keys: sortingKeys(header, table) };
}

/** A clock that goes back must not turn lines around: then each line counts as of the latest time before it. */
function sortingKeys({ floor, rows }: BlockHeader, table: Uint32Array): Uint32Array | undefined {
  if (!goesBack(floor, rows, table)) return undefined;
  const keys = new Uint32Array(rows * 2);
  let { secs, nanos } = floor;
  for (let row = 0; row < rows; row++) {
    const rowSecs = table[row * ROW_WORDS + 1] ?? 0;
    const rowNanos = table[row * ROW_WORDS + 2] ?? 0;
    if (rowSecs > secs || (rowSecs === secs && rowNanos > nanos)) {
      secs = rowSecs;
      nanos = rowNanos;
    }
    keys[row * 2] = secs;
    keys[row * 2 + 1] = nanos;
  }
  return keys;
}

function goesBack(floor: Instant, rows: number, table: Uint32Array): boolean {
  let { secs, nanos } = floor;
  for (let at = 1; at < rows * ROW_WORDS; at += ROW_WORDS) {
    const rowSecs = table[at] ?? 0;
    const rowNanos = table[at + 1] ?? 0;
    if (rowSecs < secs || (rowSecs === secs && rowNanos < nanos)) return true;
    secs = rowSecs;
    nanos = rowNanos;
  }
  return false;
}

/** The second that a row sorts under. */
export function keySecs(block: Block, row: number): number {
  return (block.keys === undefined ? block.table[row * ROW_WORDS + 1] : block.keys[row * 2]) ?? 0;
}

export function keyNanos(block: Block, row: number): number {
  return (block.keys === undefined ? block.table[row * ROW_WORDS + 2] : block.keys[row * 2 + 1]) ?? 0;
}

export function rowMeta(block: Block, row: number): number {
  return block.table[row * ROW_WORDS + 3] ?? 0;
}

/** Where a row's text begins in `block.text`. */
export function rowStart(block: Block, row: number): number {
  return row === 0 ? 0 : (block.table[(row - 1) * ROW_WORDS] ?? 0);
}

/** Where a row ends in `block.text`: after its line feed, where it has one. */
export function rowEnd(block: Block, row: number): number {
  return block.table[row * ROW_WORDS] ?? 0;
}
