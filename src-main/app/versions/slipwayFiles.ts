import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
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
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}

/** A kill between two lines leaves the old file or the new one, never half of one. */
export async function writeOwnFile(file: string, text: string | undefined): Promise<void> {
  if (text === undefined) return rm(file, { force: true });
  await mkdir(path.dirname(file), { recursive: true });
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
