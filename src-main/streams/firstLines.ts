import { rowMeta } from './logStore/block.ts';
import { fromMs, toMs } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import { LaneCursor } from './logStore/laneCursor.ts';
import type { LogStore } from './logStore/logStore.ts';
import { KIND_MASK, KIND_TTY } from './logStore/rows.ts';

/**
 * By service: when its first line since `sinceMs` was written, milliseconds since the epoch. Lines that have not reached the
 * store yet are not waited for.
 */
export async function firstLines(
  store: LogStore,
  own: { readonly services: ReadonlySet<string>; readonly sinceMs: number },
): Promise<ReadonlyMap<string, number>> {
  const lanes = store.lanes.filter(({ key }) => own.services.has(key.service));
  const found = await Promise.all(lanes.map((lane) => firstLine(lane, own.sinceMs)));
  const first = new Map<string, number>();
  for (const [index, at] of found.entries()) {
    const service = lanes[index]?.key.service;
    if (at === undefined || service === undefined) continue;
    first.set(service, Math.min(at, first.get(service) ?? Number.POSITIVE_INFINITY));
  }
  return first;
}

/** Lines of the container itself: what Slipway notes beside them is none. */
async function firstLine(lane: Lane, sinceMs: number): Promise<number | undefined> {
  lane.seal();
  const cursor = new LaneCursor(lane, { type: 'at', position: { ...fromMs(sinceMs), block: 0, row: 0 } });
  for (await cursor.load(); cursor.block !== undefined; ) {
    if ((rowMeta(cursor.block, cursor.row) & KIND_MASK) <= KIND_TTY) return toMs(cursor);
    cursor.advance();
    if (!cursor.ready) await cursor.load();
  }
  return undefined;
}
