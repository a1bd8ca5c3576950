/** 1 for letters. A table, since this is asked of every byte. */
export const LETTERS = Uint8Array.from({ length: 256 }, (_, byte) => (isLetter(byte) ? 1 : 0));

export function startsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length || bytes[start] !== prefix[0]) return false;
  for (let at = 1; at < prefix.length; at++) if (bytes[start + at] !== prefix[at]) return false;
  return true;
}

export function endsWith(bytes: Uint8Array, start: number, end: number, tail: Uint8Array): boolean {
  return end - start >= tail.length && startsWith(bytes, end - tail.length, end, tail);
}

export function packText(word: string): number {
  return packWord(Buffer.from(word), 0, word.length);
}

/** Letters as five bits each, the first five of them, and the length: a number for each word that matters here. */
export function packWord(bytes: Uint8Array, start: number, end: number): number {
  let packed = 0;
  const limit = Math.min(end, start + 5);
  for (let at = start; at < limit; at++) packed = (packed << 5) | ((bytes[at] ?? 0) & 31);
  return (packed << 4) | Math.min(end - start, 15);
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function afterLetters(bytes: Uint8Array, from: number, end: number): number {
  let tail = from;
  while (tail < end && LETTERS[bytes[tail] ?? 0] === 1) tail++;
  return tail;
}

export function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
}

export function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

export function isIndented(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** Part of a name: `ERROR_COUNT`, `/ERROR`, `x-error`, `log.error`. */
export function isJoin(byte: number): boolean {
  return byte === 0x5f || byte === 0x2f || byte === 0x2d || byte === 0x2e || isDigit(byte);
}

export function isNameByte(byte: number): boolean {
  return isLetter(byte) || isDigit(byte) || byte === 0x2e || byte === 0x5f || byte === 0x24;
}
