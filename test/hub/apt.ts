import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../scripts/engine/paths.ts';
import { sourceLine } from './debian.ts';
import type { Suite } from './recipe.ts';

/** A package on disk. */
export interface PackageFile {
  /** Such as `redis-server_5%3a7.0.15-1~deb12u5_amd64.deb`. */
  readonly name: string;
  readonly path: string;
}

/** Package lists older than this may name files that the mirror no longer has. */
const LISTS_MAX_AGE_MS = 6 * 3_600_000;

const run = promisify(execFile);

/** apt of one Debian release, apart from the machine's own: it resolves dependencies and fetches packages. */
export class AptSuite {
  readonly #folder: string;
  readonly #suite: Suite;
  #updated: Promise<void> | undefined;
  /** apt fetches into one folder under one lock, so calls go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(suite: Suite) {
    this.#suite = suite;
    this.#folder = cacheDirectory('hub', 'apt', suite);
  }

  /** Fetches packages with all they depend on (nothing counts as installed) and lists their files. */
  async fetch(packages: readonly string[]): Promise<readonly PackageFile[]> {
    const fetched = this.#last.then(() => this.#fetchNow(packages));
    this.#last = fetched.catch(() => undefined); // the caller hears of it; the next one gets its turn
    return await fetched;
  }

  async #fetchNow(packages: readonly string[]): Promise<readonly PackageFile[]> {
    this.#updated ??= this.#update();
    await this.#updated;
    const install = ['install', '-y', '-q', '--no-install-recommends', ...packages];
    // Asked with an empty cache: packages that are there already would be missing among the addresses.
    const uris = await this.#apt(['--print-uris', ...install]);
    const names = [...uris.matchAll(/^'[^']+' (\S+\.deb) \d+/gm)].map((match) => match[1] ?? '');
    await this.#apt(['--download-only', ...install]);
    return names.sort().map((name) => ({ name, path: `${this.#folder}/archives/${name}` }));
  }

  async #update(): Promise<void> {
    const lists = `${this.#folder}/lists`;
    for (const folder of [
      `${lists}/partial`,
      `${this.#folder}/archives/partial`,
      `${this.#folder}/empty/partial`,
    ])
      mkdirSync(folder, { recursive: true });
    writeFileSync(`${this.#folder}/status`, '');
    writeFileSync(`${this.#folder}/sources.list`, `${sourceLine(this.#suite)}\n`);
    if (!isFresh(lists)) await this.#apt(['update', '-q']);
  }

  async #apt(args: readonly string[]): Promise<string> {
    const { stdout } = await run('apt-get', [...this.#options(args.includes('--print-uris')), ...args], {
      env: { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  }

  #options(asksOnly: boolean): string[] {
    const settings = {
      'Dir::State': this.#folder,
      'Dir::State::lists': `${this.#folder}/lists`,
      'Dir::State::status': `${this.#folder}/status`,
      'Dir::Cache': this.#folder,
      'Dir::Cache::archives': `${this.#folder}/${asksOnly ? 'empty' : 'archives'}`,
      'Dir::Etc::sourcelist': `${this.#folder}/sources.list`,
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'Acquire::Check-Valid-Until': 'false',
      'Acquire::Languages': 'none',
      'APT::Sandbox::User': 'root',
      'Debug::NoLocking': 'true',
    };
    return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  }
}

/** Removes fetched packages: they are in the layers now. */
export function forgetPackages(): void {
  const folder = cacheDirectory('hub', 'apt');
  if (!existsSync(folder)) return;
  for (const suite of readdirSync(folder))
    rmSync(`${folder}/${suite}/archives`, { recursive: true, force: true });
}

function isFresh(lists: string): boolean {
  const files = readdirSync(lists).filter(
    (name) => name.endsWith('_Packages') || name.includes('_Packages.'),
  );
  return files.some((name) => Date.now() - statSync(`${lists}/${name}`).ctimeMs < LISTS_MAX_AGE_MS);
}
