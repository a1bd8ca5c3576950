import { rowMeta } from './logStore/block.ts';
import { toMs } from './logStore/instant.ts';
import { LaneCursor } from './logStore/laneCursor.ts';
import { formatLineId } from './logStore/lineId.ts';
import type { LogStore } from './logStore/logStore.ts';
import { KIND_MARKER, KIND_MASK } from './logStore/rows.ts';
import { rowText } from './logStore/wholeLine.ts';
import { decodeMarker } from './markers.ts';

/** A boot that the log knows of. */
export interface LoggedBoot {
  /** Of the line that says it began; as LogLine.id. */
  readonly id: string;
  readonly timeMs: number;
  readonly ended: 'green' | 'failed' | 'cancelled' | 'unknown';
}

/** Besides the first one, only so many of the last boots are listed. */
const MAX_LAST = 100;

/** The boots whose beginning is still stored, from old to new. They are marked in a lane of the whole project. */
export async function loggedBoots(store: LogStore): Promise<readonly LoggedBoot[]> {
  const boots: LoggedBoot[] = [];
  for (const lane of store.lanes.filter(({ key }) => key.service === '')) {
    lane.seal();
    const cursor = new LaneCursor(lane, { type: 'first' });
    for (await cursor.load(); cursor.block !== undefined; ) {
      noteBoot(boots, cursor);
      cursor.advance();
      if (!cursor.ready) await cursor.load();
    }
  }
  return boots.length <= MAX_LAST + 1 ? boots : [...boots.slice(0, 1), ...boots.slice(-MAX_LAST)];
}

function noteBoot(boots: LoggedBoot[], cursor: LaneCursor): void {
  const { block, row } = cursor;
  if (block === undefined || (rowMeta(block, row) & KIND_MASK) !== KIND_MARKER) return;
  const marker = decodeMarker(rowText(cursor).toString('utf8'));
  const last = boots.at(-1);
  if (marker?.type === 'bootBegan') {
    boots.push({ id: formatLineId(cursor.position), timeMs: toMs(cursor), ended: 'unknown' });
  } else if (marker?.type === 'bootEnded' && last !== undefined) {
    const ended = marker.green ? 'green' : marker.cancelled ? 'cancelled' : 'failed';
    boots[boots.length - 1] = { ...last, ended };
  }
}
