import path from 'node:path';
import { readOwnFile, writeOwnFile } from '../versions/slipwayFiles.ts';

/** More than anybody confirms; the oldest go first. */
const LIMIT = 500;

/**
 * Commands that somebody on this machine has read and let run. Kept with the user's state, never in the project's folder: a
 * checkout must not bring its own consent.
 */
export class ConfirmedCommands {
  readonly #file: string;
  #known: Promise<Set<string>> | undefined;

  constructor(stateFolder: string) {
    this.#file = path.join(stateFolder, 'confirmed-commands.json');
  }

  async all(): Promise<ReadonlySet<string>> {
    this.#known ??= this.#read();
    return this.#known;
  }

  async add(consent: string): Promise<void> {
    this.#known ??= this.#read();
    const known = await this.#known;
    known.add(consent);
    await writeOwnFile(this.#file, `${JSON.stringify([...known].slice(-LIMIT))}\n`);
  }

  async #read(): Promise<Set<string>> {
    try {
      const parsed: unknown = JSON.parse((await readOwnFile(this.#file)) ?? '[]');
      return new Set(Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === 'string') : []);
    } catch {
      return new Set(); // broken by hand: asking again is the safe answer
    }
  }
}
