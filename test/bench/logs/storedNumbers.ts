import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { LogStore } from '#streams/logStore/logStore.ts';
import { storedLines } from '#streams/storedLines.ts';

/** The log stores below a home that a host was given. */
export async function storeFolders(dataHome: string): Promise<readonly string[]> {
  const logs = path.join(dataHome, 'slipway', 'logs');
  return (await readdir(logs)).map((name) => path.join(logs, name));
}

export interface Numbered {
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly found: number;
}

/** Each service of the prefix wrote `line 1` to `line N`: which of them are stored, and how often. */
export async function numberedLines(
  folder: string,
  own: { readonly prefix: string; readonly services: number; readonly lines: number },
): Promise<Numbered> {
  const store = await LogStore.open({ folder, readOnly: true });
  const seen = new Map<string, Uint8Array>();
  const result = { lost: own.services * own.lines, doubled: 0, outOfOrder: 0, found: 0 };
  const last = new Map<string, number>();
  try {
    for await (const { service, text } of storedLines(store, { services: [] })) {
      const number = service.startsWith(own.prefix) ? numberOf(text) : undefined;
      if (number === undefined) continue;
      const counts = seen.get(service) ?? new Uint8Array(own.lines + 1);
      seen.set(service, counts);
      counts[number] = (counts[number] ?? 0) + 1;
      result.found += 1;
      if (counts[number] === 1) result.lost -= 1;
      else result.doubled += 1;
      if (number <= (last.get(service) ?? 0)) result.outOfOrder += 1;
      last.set(service, number);
    }
  } finally {
    await store.dispose();
  }
  return result;
}

/** How late the engine stamped a service's lines that say `at <nanoseconds>` themselves, in milliseconds: before anybody reads them. */
export async function stampDelays(
  folder: string,
  own: { readonly service: string; readonly sinceMs: number },
): Promise<number[]> {
  const store = await LogStore.open({ folder, readOnly: true });
  const delays: number[] = [];
  try {
    for await (const { text, at } of storedLines(store, { services: [own.service] })) {
      const written = Number(/ at (\d{19})$/.exec(text.toString('latin1'))?.[1]) / 1e6;
      if (written >= own.sinceMs) delays.push(at.secs * 1000 + at.nanos / 1e6 - written);
    }
  } finally {
    await store.dispose();
  }
  return delays;
}

function numberOf(text: Buffer): number | undefined {
  const match = /^line (\d+)/.exec(text.toString('latin1', 0, 24));
  return match === null ? undefined : Number(match[1]);
}
