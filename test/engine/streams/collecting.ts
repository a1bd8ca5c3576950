import { systemClock } from '#base/clock.ts';
import type { Engine } from '#engine/engine.ts';
import { LogCollector } from '#streams/logCollector.ts';
import { rowMeta } from '#streams/logStore/block.ts';
import { LogStore } from '#streams/logStore/logStore.ts';
import { MergedReader } from '#streams/logStore/mergedReader.ts';
import { kindName } from '#streams/logStore/rows.ts';
import { wholeLine } from '#streams/logStore/wholeLine.ts';

/** A store that takes in the lines of containers. */
export interface Collecting {
  readonly store: LogStore;
  readonly collector: LogCollector;
  lines(): Promise<string[]>;
  close(): Promise<void>;
}

export async function collect(own: {
  readonly engine: Engine;
  readonly folder: string;
}): Promise<Collecting> {
  const { engine, folder } = own;
  const store = await LogStore.open({ folder });
  const collector = new LogCollector({ engine, store, clock: systemClock });
  return {
    store,
    collector,
    lines: () => linesOf(store),
    async close() {
      await collector.dispose();
      await store.dispose();
    },
  };
}

/** `kind text`, in order. */
export async function linesOf(store: LogStore): Promise<string[]> {
  await store.flush();
  const reader = new MergedReader(store.lanes, () => ({ type: 'first' }));
  const lines: string[] = [];
  for (;;) {
    const cursor = reader.pick();
    if (cursor?.block === undefined) {
      if (!(await reader.load())) return lines;
      continue;
    }
    const { bytes } = await wholeLine(cursor, 64 * 1024 * 1024);
    lines.push(`${kindName(rowMeta(cursor.block, cursor.row))} ${bytes.toString('latin1')}`);
    cursor.advance();
  }
}
