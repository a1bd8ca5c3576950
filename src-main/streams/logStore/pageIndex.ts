import { crc32 } from 'node:zlib';
import type { Page } from './segment.ts';

const WORDS_PER_PAGE = 10;
const HEAD_WORDS = 3;

/** A sealed segment's pages as a file: checksum, number of pages, bytes of the segment, then ten words a page. */
export function encodePages({
  pages,
  bytes,
}: {
  readonly pages: readonly Page[];
  readonly bytes: number;
}): Buffer {
  const words = new Uint32Array(HEAD_WORDS + pages.length * WORDS_PER_PAGE);
  words[1] = pages.length;
  words[2] = bytes;
  pages.forEach((page, index) => {
    const { offset, first, last, firstSequence, lastSequence, rows, mask } = page;
    const row = [
      offset,
      page.bytes,
      first.secs,
      first.nanos,
      last.secs,
      last.nanos,
      firstSequence,
      lastSequence,
      rows,
      mask,
    ];
    words.set(row, HEAD_WORDS + index * WORDS_PER_PAGE);
  });
  const encoded = Buffer.from(words.buffer);
  words[0] = crc32(encoded.subarray(4));
  return encoded;
}

/** Undefined for a file that is not whole. */
export function decodePages(file: Buffer): { pages: Page[]; bytes: number } | undefined {
  if (file.length < HEAD_WORDS * 4 || file.length % 4 !== 0) return undefined;
  if (crc32(file.subarray(4)) !== file.readUInt32LE(0)) return undefined;
  const word = (index: number) => file.readUInt32LE(index * 4);
  if (file.length !== (HEAD_WORDS + word(1) * WORDS_PER_PAGE) * 4) return undefined;
  const pages = Array.from({ length: word(1) }, (_, index) => {
    const at = HEAD_WORDS + index * WORDS_PER_PAGE;
    return {
      offset: word(at),
      bytes: word(at + 1),
      first: { secs: word(at + 2), nanos: word(at + 3) },
      last: { secs: word(at + 4), nanos: word(at + 5) },
      firstSequence: word(at + 6),
      lastSequence: word(at + 7),
      rows: word(at + 8),
      mask: word(at + 9),
    };
  });
  return { pages, bytes: word(2) };
}
