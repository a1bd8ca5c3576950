import type { LineFilter } from './lineFilter.ts';
import type { Block } from './logStore/block.ts';
import { compareInstants, type Instant } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import { type Page, readBlocks, type Segment } from './logStore/segment.ts';

/** Read at once: few calls, and little enough that reading one does not hold anybody up. */
const SPAN_BYTES = 1024 * 1024;
/** A span ends with a whole page. */
const SCRATCH_SPARE_BYTES = 512 * 1024;

/** Neighbouring pages of a lane that are searched together. */
export interface LaneSpan {
  readonly lane: Lane;
  readonly segment: Segment;
  readonly offset: number;
  bytes: number;
  readonly first: Instant;
  last: Instant;
}

/** The parts of a lane in which a line can pass, from old to new. */
export function laneSpans(lane: Lane, filter: LineFilter): LaneSpan[] {
  lane.seal();
  return lane.segments.flatMap((segment) => segmentSpans(lane, segment, filter));
}

/** From new to old. */
export function compareLaneSpans(a: LaneSpan, b: LaneSpan): number {
  return compareInstants(b.last, a.last) || b.segment.number - a.segment.number || b.offset - a.offset;
}

function segmentSpans(lane: Lane, segment: Segment, filter: LineFilter): LaneSpan[] {
  const spans: LaneSpan[] = [];
  for (const page of segment.pages) {
    if (!filter.mayPass(page.mask)) continue;
    const span = spans.at(-1);
    if (span !== undefined && continues(span, page)) {
      span.bytes += page.bytes;
      span.last = page.last;
    } else
      spans.push({
        lane,
        segment,
        offset: page.offset,
        bytes: page.bytes,
        first: page.first,
        last: page.last,
      });
  }
  return spans;
}

function continues(span: LaneSpan, page: Page): boolean {
  return span.offset + span.bytes === page.offset && span.bytes < SPAN_BYTES;
}

/** Memory for `readSpan`, so that a search does not ask for new memory with every read. */
export function createScratch(): Buffer {
  return Buffer.allocUnsafeSlow(SPAN_BYTES + SCRATCH_SPARE_BYTES);
}

/**
 * The blocks of a span, from old to new, valid until the next call with the same `scratch`. What is not on disk yet takes
 * reads of its own.
 */
export async function readSpan({ segment, offset, bytes }: LaneSpan, scratch: Buffer): Promise<Block[]> {
  const blocks: Block[] = [];
  const end = offset + bytes;
  for (let at = offset; at < end; ) {
    const loaded = readBlocks(await segment.read(at, end - at, at === offset ? scratch : undefined));
    const tail = loaded.at(-1);
    if (tail === undefined) break; // evicted meanwhile
    for (const { block } of loaded) blocks.push(block);
    at += tail.offset + tail.block.totalBytes;
  }
  return blocks;
}
