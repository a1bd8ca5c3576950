import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');

/** A home of its own: settings, state, cache and Electron's profile of one spec. */
export interface World {
  readonly folder: string;
  readonly environment: Record<string, string>;
  remove(): Promise<void>;
}

/** Everything else of the environment stays: where the engine listens, where the display is. */
export async function createWorld(): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-e2e-'));
  const inherited = Object.entries(process.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  return {
    folder,
    environment: {
      ...Object.fromEntries(inherited),
      XDG_CONFIG_HOME: path.join(folder, 'config'),
      XDG_DATA_HOME: path.join(folder, 'data'),
      XDG_CACHE_HOME: path.join(folder, 'cache'),
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** What a child process wrote to standard error, for the report of a failed spec; the last part of it. */
export class ErrorLog {
  static readonly #LIMIT_CHARACTERS = 256 * 1024;
  #text = '';

  add(chunk: Buffer): void {
    this.#text = (this.#text + chunk.toString()).slice(-ErrorLog.#LIMIT_CHARACTERS);
  }

  get text(): string {
    return this.#text;
  }
}
