import { LOG_LEVELS, LOG_LINE_KINDS, type LogLevel, type LogLineKind } from '#contract/logBatch.ts';

/**
 * One row of a block's table, four 32-bit words: where its text ends in the block, its engine timestamp as seconds and
 * nanoseconds, and `meta`: kind (3 bits), level (3 bits), flags, and which container wrote it (upper 16 bits).
 */
export const ROW_WORDS = 4;
export const ROW_BYTES = ROW_WORDS * 4;

/** The line goes on in the next row of the same kind: no line feed follows this row's text. */
export const FLAG_MORE = 1 << 6;
/** The row continues the row of the same kind before it. */
export const FLAG_PIECE = 1 << 7;
/** The line belongs to the one before it: a frame of a stack trace, the detail of an error. */
export const FLAG_CONTINUATION = 1 << 8;

export const KIND_STDOUT = 0;
export const KIND_STDERR = 1;
export const KIND_TTY = 2;
export const KIND_MARKER = 3;
/** The store's own: a container becomes known to the lane. Never shown. */
export const KIND_CONTAINER = 4;

export const KIND_MASK = 7;
export const LEVEL_SHIFT = 3;
export const CONTAINER_SHIFT = 16;

/** What a row says about itself, packed. */
export function metaOf(kind: number, level: number, flags: number, container: number): number {
  return (kind | (level << LEVEL_SHIFT) | flags | (container << CONTAINER_SHIFT)) >>> 0;
}

export function kindOf(meta: number): number {
  return meta & KIND_MASK;
}

export function levelOf(meta: number): number {
  return (meta >>> LEVEL_SHIFT) & 7;
}

export function kindName(meta: number): LogLineKind {
  return LOG_LINE_KINDS[meta & KIND_MASK] ?? 'marker';
}

export function levelName(meta: number): LogLevel {
  return LOG_LEVELS[levelOf(meta)] ?? 'none';
}
