import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { besideOf } from '#disk/beside.ts';
import { errnoOf, fileFailure } from '#disk/fileFailure.ts';
import type { SwitchFiles } from '#middleware/switch/world.ts';

/** The `.slipway` folder beside the user's compose file. Writes are atomic and reach the disk before they count. */
export function slipwayFiles(folder: string): SwitchFiles & { journals(): Promise<readonly string[]> } {
  const at = (name: string) => path.join(folder, '.slipway', name);
  return {
    readOverride: () => readOwnFile(at('override.yaml')),
    writeOverride: (text) => writeOwnFile(at('override.yaml'), text),
    readLanes: () => readOwnFile(at('lanes.json')),
    writeLanes: (text) => writeOwnFile(at('lanes.json'), text),
    readJournal: (service) => readOwnFile(at(journalName(service))),
    beginJournal: (service, text) => createOwnFile(at(journalName(service)), text),
    writeJournal: (service, text) => writeOwnFile(at(journalName(service)), text),
    journals: async () => {
      const names = await readdir(at('.')).catch(noFolder);
      return names.flatMap((name) => JOURNAL.exec(name)?.[1] ?? []);
    },
  };
}

const JOURNAL = /^switch-(.+)\.json$/;

function journalName(service: string): string {
  return `switch-${service}.json`;
}

function noFolder(thrown: unknown): string[] {
  if (isMissing(thrown)) return [];
  throw thrown;
}

/** The content of a file of Slipway's own; undefined where there is none. */
export async function readOwnFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  return errnoOf(thrown) === 'ENOENT';
}

/**
 * A kill between two lines leaves the old file or the new one, never half of one. Without `flush` a power cut may leave an
 * empty one. Throws `disk.full`.
 */
export async function writeOwnFile(
  file: string,
  text: string | undefined,
  { flush }: { readonly flush: boolean } = { flush: true },
): Promise<void> {
  if (text === undefined) return rm(file, { force: true });
  const fresh = besideOf(file);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeThrough(fresh, 'w', text, flush);
    await rename(fresh, file);
  } catch (thrown) {
    await rm(fresh, { force: true });
    throw fileFailure(thrown, file);
  }
}

/** Makes a file that must not be there yet; false when it is. */
async function createOwnFile(file: string, text: string): Promise<boolean> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeThrough(file, 'wx', text, true);
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === 'EEXIST') return false;
    await rm(file, { force: true });
    throw fileFailure(thrown, file);
  }
}

async function writeThrough(file: string, flags: 'w' | 'wx', text: string, flush: boolean): Promise<void> {
  const handle = await open(file, flags);
  try {
    await handle.writeFile(text);
    if (flush) await handle.sync();
  } finally {
    await handle.close();
  }
}
