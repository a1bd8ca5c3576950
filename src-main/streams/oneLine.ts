import { LaneCursor } from './logStore/laneCursor.ts';
import { comparePositions, type LinePosition } from './logStore/lineId.ts';
import type { LogStore } from './logStore/logStore.ts';
import { wholeLine } from './logStore/wholeLine.ts';

/** One stored line, whole up to a limit. Undefined when it is not stored any more. */
export async function oneLine(
  store: LogStore,
  line: { readonly source: string; readonly position: LinePosition; readonly limitBytes: number },
): Promise<{ readonly bytes: Buffer; readonly cut: boolean } | undefined> {
  const lane = store.lanes.find(({ source }) => source === line.source);
  if (lane === undefined) return undefined;
  lane.seal();
  const cursor = new LaneCursor(lane, { type: 'at', position: line.position });
  await cursor.load();
  if (!cursor.ready || comparePositions(cursor.position, line.position) !== 0) return undefined;
  const { bytes, type } = await wholeLine(cursor, line.limitBytes);
  return { bytes, cut: type === 'cut' };
}
