import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * Tells a damaged file from a whole one. Against somebody who means to deceive no checksum helps that lies beside its file, so
 * the fast one is taken.
 */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** `crc32:` and eight digits, or, as checkpoints had it before, `sha256:` and 64. */
  text(): string;
}

/** What `text()` gives. */
export const CHECKSUM = /^(crc32:[0-9a-f]{8}|sha256:[0-9a-f]{64})$/;

/** One to begin with; `like` a text that was given before, to compare with. */
export function newChecksum(like = 'crc32:'): Checksum {
  if (like.startsWith('sha256:')) {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), text: () => `sha256:${hash.digest('hex')}` };
  }
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    text: () => `crc32:${value.toString(16).padStart(8, '0')}`,
  };
}
