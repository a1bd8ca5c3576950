import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { whileLocked } from '#disk/lock.ts';
import { readOwnFile, writeOwnFile } from '../versions/slipwayFiles.ts';
import { formatLeases, parseLeases, type SwapLease } from './leases.ts';

/** Only for whoever started the swap: the values may be secrets. */
const PRIVATE = 0o600;

/** What production needs of the `.slipway` folder beside the user's compose file. */
export function productionFiles(folder: string) {
  const at = (name: string) => path.join(folder, '.slipway', name);
  return {
    readOverride: () => readOwnFile(at('override.yaml')),
    writeOverride: (text: string | undefined) => writeOwnFile(at('override.yaml'), text),
    readLeases: async () => parseLeases(await readOwnFile(at('swaps.json'))),
    /** Writes what is made of the leases as they are, with nobody writing in between; resolves to it. */
    updateLeases: async (change: (leases: readonly SwapLease[]) => readonly SwapLease[]) => {
      const file = at('swaps.json');
      await mkdir(at('.'), { recursive: true });
      return whileLocked(`${file}.lock`, async () => {
        const leases = change(parseLeases(await readOwnFile(file)));
        await writeOwnFile(file, formatLeases(leases));
        return leases;
      });
    },
    readEnvironments: () => readOwnFile(at('production.yaml')),
    writeEnvironments: (text: string | undefined) => writeOwnFile(at('production.yaml'), text),
    /** Values that somebody gave for the time of a swap, in clear, readable by this user only and not for git. */
    writeValues: async (name: string, values: Readonly<Record<string, string>>) => {
      await mkdir(at('.'), { recursive: true });
      await keepOutOfGit(at('.gitignore'));
      const file = path.join(folder, name);
      await writeFile(file, formatValues(values), { mode: PRIVATE });
      // The mode of writeFile counts for a new file only.
      await chmod(file, PRIVATE);
    },
    /** What the override said before a swap; in a file of its own, since it may hold values. */
    writeBefore: async (name: string, text: string) => {
      await mkdir(at('.'), { recursive: true });
      await keepOutOfGit(at('.gitignore'));
      await writeFile(path.join(folder, name), text, { mode: PRIVATE });
    },
    readBefore: (name: string) => readOwnFile(path.join(folder, name)),
    removeValues: (name: string) => rm(path.join(folder, name), { force: true }),
  };
}

export type ProductionFiles = ReturnType<typeof productionFiles>;

/** `.slipway/swap-api.env`: where values for a service are kept, relative to the project. */
export function valuesFileOf(service: string): string {
  return `.slipway/swap-${service}.env`;
}

/** `.slipway/swap-api.before.yaml`. */
export function beforeFileOf(service: string): string {
  return `.slipway/swap-${service}.before.yaml`;
}

const IGNORED = ['swap-*.env', 'swap-*.before.yaml'];

async function keepOutOfGit(file: string): Promise<void> {
  const text = (await readOwnFile(file)) ?? '';
  const lacking = IGNORED.filter((line) => !text.split('\n').includes(line));
  if (lacking.length === 0) return;
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  await writeOwnFile(file, `${text}${gap}${lacking.join('\n')}\n`);
}

/** As docker compose reads env files: nothing in a value may be taken for a variable or an end. */
export function formatValues(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([name, value]) => {
    const text = value
      .replaceAll('\\', '\\\\')
      .replaceAll('"', '\\"')
      .replaceAll('$', '\\$')
      .replaceAll('\n', '\\n')
      .replaceAll('\r', '\\r');
    return `${name}="${text}"\n`;
  });
  return lines.join('');
}
