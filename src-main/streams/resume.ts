import type { ContainerEntry } from './logStore/containerEntry.ts';
import type { Instant } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import { LaneCursor } from './logStore/laneCursor.ts';
import { CONTAINER_SHIFT, KIND_MASK, KIND_TTY, ROW_WORDS } from './logStore/rows.ts';

/** From where to ask the engine, and which of the lines that it then sends are stored already. */
export interface ResumePoint {
  /** Undefined: from the beginning. */
  readonly since: Instant | undefined;
  /** Stored already? To be asked for every line in order. */
  isKnown(secs: number, nanos: number): boolean;
}

/**
 * The engine's `since` includes its nanosecond, and several lines may bear the same one: so many lines with the last
 * timestamp are passed over as are stored. A container whose clock was once set back needs the long way: every stored
 * timestamp from there on, each as often as it is stored.
 */
export async function resumePoint(lane: Lane, entry: ContainerEntry): Promise<ResumePoint> {
  const since = entry.last;
  if (since === undefined) return { since, isKnown: () => false };
  if (!entry.wentBack) return afterLast(since, entry.count);
  return afterMany(since, await storedSince(lane, entry, since));
}

function afterLast(since: Instant, count: number): ResumePoint {
  let left = count;
  return {
    since,
    isKnown(secs, nanos) {
      if (left === 0) return false;
      if (secs > since.secs || (secs === since.secs && nanos > since.nanos)) {
        left = 0; // past it: what was missing is no longer kept by the engine
        return false;
      }
      // Older lines come from engines that only know whole seconds.
      if (secs === since.secs && nanos === since.nanos) left--;
      return true;
    },
  };
}

function afterMany(since: Instant, stored: Map<string, number>): ResumePoint {
  return {
    since,
    isKnown(secs, nanos) {
      if (stored.size === 0) return false;
      const key = `${secs}.${nanos}`;
      const count = stored.get(key);
      if (count === undefined) return false;
      if (count === 1) stored.delete(key);
      else stored.set(key, count - 1);
      return true;
    },
  };
}

async function storedSince(lane: Lane, entry: ContainerEntry, since: Instant): Promise<Map<string, number>> {
  lane.seal();
  const stored = new Map<string, number>();
  const cursor = new LaneCursor(lane, { type: 'first' });
  for (;;) {
    if (!cursor.ready) await cursor.load({ raw: true });
    const { block, row } = cursor;
    if (block === undefined) return stored;
    const [secs = 0, nanos = 0, meta = 0] = block.table.subarray(
      row * ROW_WORDS + 1,
      row * ROW_WORDS + ROW_WORDS,
    );
    const isLine = (meta & KIND_MASK) <= KIND_TTY && meta >>> CONTAINER_SHIFT === entry.index;
    if (isLine && (secs > since.secs || (secs === since.secs && nanos >= since.nanos))) {
      const key = `${secs}.${nanos}`;
      stored.set(key, (stored.get(key) ?? 0) + 1);
    }
    cursor.step();
  }
}
