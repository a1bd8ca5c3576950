import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SwitchFiles } from '#middleware/switch/world.ts';

/** The `.slipway` folder beside the user's compose file. Writes are atomic and reach the disk before they count. */
export function slipwayFiles(folder: string): SwitchFiles & { journals(): Promise<readonly string[]> } {
  const at = (name: string) => path.join(folder, '.slipway', name);
  return {
    readOverride: () => read(at('override.yaml')),
    writeOverride: (text) => write(at('override.yaml'), text),
    readLanes: () => read(at('lanes.json')),
    writeLanes: (text) => write(at('lanes.json'), text),
    readJournal: (service) => read(at(journalName(service))),
    writeJournal: (service, text) => write(at(journalName(service)), text),
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

async function read(file: string): Promise<string | undefined> {
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
async function write(file: string, text: string | undefined): Promise<void> {
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
