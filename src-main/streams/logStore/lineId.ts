import type { Instant } from './instant.ts';

/**
 * Where a line stands in the order of all lines: its time (never before that of the line before it in its lane), then the
 * block in order of arrival, then the row in the block.
 */
export interface LinePosition extends Instant {
  readonly block: number;
  readonly row: number;
}

/** Seconds (8 hexadecimal digits), nanoseconds (8), block (8), row (4): as text, ids sort as their lines do. */
export const LINE_ID_BYTES = 28;

const HEX = new TextEncoder().encode('0123456789abcdef');
const SHAPE = /^[0-9a-f]{28}$/;

export function comparePositions(a: LinePosition, b: LinePosition): number {
  return a.secs - b.secs || a.nanos - b.nanos || a.block - b.block || a.row - b.row;
}

export function formatLineId({ secs, nanos, block, row }: LinePosition): string {
  return hex(secs, 8) + hex(nanos, 8) + hex(block, 8) + hex(row, 4);
}

/** Undefined for what is no id of ours. */
export function parseLineId(id: string): LinePosition | undefined {
  if (!SHAPE.test(id)) return undefined;
  const part = (from: number, to: number) => Number.parseInt(id.slice(from, to), 16);
  return { secs: part(0, 8), nanos: part(8, 16), block: part(16, 24), row: part(24, 28) };
}

/** As `formatLineId`, straight into bytes. */
export function writeLineId(target: Uint8Array, at: number, position: LinePosition): void {
  writeHex(target, at, position.secs, 8);
  writeHex(target, at + 8, position.nanos, 8);
  writeHex(target, at + 16, position.block, 8);
  writeHex(target, at + 24, position.row, 4);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function writeHex(target: Uint8Array, at: number, value: number, digits: number): void {
  for (let index = at + digits - 1, rest = value; index >= at; index--, rest >>>= 4) {
    target[index] = HEX[rest & 15] ?? 48;
  }
}
