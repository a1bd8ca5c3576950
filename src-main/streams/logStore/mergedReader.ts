import type { Lane } from './lane.ts';
import { type CursorStart, LaneCursor } from './laneCursor.ts';
import { comparePositions, type LinePosition } from './lineId.ts';

/** Reads several lanes as one, in the order of time. */
export class MergedReader {
  readonly cursors: LaneCursor[] = [];
  #current: LaneCursor | undefined;
  /** The current cursor comes first up to here. */
  #limit: LinePosition | undefined;

  constructor(lanes: readonly Lane[], startOf: (lane: Lane) => CursorStart) {
    for (const lane of lanes) this.cursors.push(new LaneCursor(lane, startOf(lane)));
  }

  add(lane: Lane, start: CursorStart): void {
    this.cursors.push(new LaneCursor(lane, start));
    this.#current = undefined;
  }

  /** The cursor on the earliest line; undefined when a lane must be loaded first, or nothing is left. */
  pick(): LaneCursor | undefined {
    const current = this.#current;
    if (current?.ready && this.#limit !== undefined && isBefore(current, this.#limit)) return current;
    if (current?.ready && this.#limit === undefined && this.cursors.length === 1) return current;
    return this.#choose();
  }

  /** Fetches what `pick` lacks. False when everything stored has been read. */
  async load(): Promise<boolean> {
    const hungry = this.cursors.filter((cursor) => !cursor.ready && cursor.hasMore);
    await Promise.all(hungry.map((cursor) => cursor.load()));
    this.#current = undefined;
    return this.cursors.some((cursor) => cursor.ready);
  }

  /** Segments that were evicted before they were read; counted once. */
  takeLost(): number {
    let lost = 0;
    for (const cursor of this.cursors) {
      lost += cursor.lost;
      cursor.lost = 0;
    }
    return lost;
  }

  #choose(): LaneCursor | undefined {
    let best: LaneCursor | undefined;
    let bestPosition: LinePosition | undefined;
    let second: LinePosition | undefined;
    for (const cursor of this.cursors) {
      if (!cursor.ready) {
        if (cursor.hasMore) return undefined;
        continue;
      }
      const position = cursor.position;
      if (bestPosition === undefined || comparePositions(position, bestPosition) < 0) {
        second = bestPosition;
        best = cursor;
        bestPosition = position;
      } else if (second === undefined || comparePositions(position, second) < 0) second = position;
    }
    this.#current = best;
    this.#limit = second;
    return best;
  }
}

function isBefore(cursor: LaneCursor, limit: LinePosition): boolean {
  return cursor.secs < limit.secs || (cursor.secs === limit.secs && cursor.nanos < limit.nanos);
}
