import { type BigIntStats, createReadStream } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { BuildEntry, BuildFolder, BuildFolderFilter } from '#engine/builds.ts';
import { IgnoreRules, type RuleResults } from './ignoreRules.ts';
import { pathChoice } from './pathChoice.ts';

/**
 * A folder of this machine as a build sees it: what `.dockerignore` leaves, in a fixed order, hard links found again.
 * `ignore`: the rules that hold where the builder could not say them, because a header of gRPC holds ASCII only.
 */
export function contextFolder(root: string, ignore: readonly string[] = []): BuildFolder {
  const unsaid = ignore.some((line) => /[^ -~]/.test(line));
  const asksForAll = ({ exclude, only }: BuildFolderFilter) =>
    exclude.length === 0 && !only.some((name) => name.endsWith('.dockerignore'));
  return {
    identity: () => identityOf(root),
    list: (filter) =>
      listFolder(root, unsaid && asksForAll(filter) ? { ...filter, exclude: ignore } : filter),
    read: (name) => createReadStream(path.join(root, name)),
  };
}

/**
 * Not the path alone: another machine may have a folder there too, and a folder that took the place of another (a link that was
 * turned, a copy that kept its times) can have files that look the same and are not.
 */
async function identityOf(root: string): Promise<string> {
  const { dev, ino, birthtimeNs } = await stat(root, { bigint: true });
  return JSON.stringify([os.hostname(), root, String(dev), String(ino), String(birthtimeNs)]);
}

/** File systems stamp with the kernel's tick: 10 ms at the slowest (100 Hz), twice that to be sure. */
const CLOCK_TICK_MS = 20;

interface Place {
  readonly name: string;
  readonly results?: RuleResults | undefined;
  /** Folders on the way that were ignored themselves: they go out as soon as something in them does. */
  readonly held: readonly BuildEntry[];
}

interface Walk {
  readonly root: string;
  readonly rules: IgnoreRules;
  readonly chosen: (name: string, kind: BuildEntry['kind']) => 'in' | 'way' | 'out';
  /** By device and inode: the first name under which a file with several was met. */
  readonly links: Map<string, string>;
  readonly sent: Set<string>;
}

async function* listFolder(root: string, filter: BuildFolderFilter): AsyncGenerator<BuildEntry, void, void> {
  const walk: Walk = {
    root,
    rules: new IgnoreRules(filter.exclude),
    chosen: await pathChoice(root, filter.only),
    links: new Map(),
    sent: new Set(),
  };
  yield* walkFolder(walk, { name: '', held: [] });
}

async function* walkFolder(walk: Walk, place: Place): AsyncGenerator<BuildEntry, void, void> {
  for (const name of await sortedNames(path.join(walk.root, place.name))) {
    const inside = place.name === '' ? name : `${place.name}/${name}`;
    const entry = await readEntry(walk, inside);
    if (entry !== undefined) yield* visit(walk, place, entry);
  }
}

async function* visit(walk: Walk, place: Place, entry: BuildEntry): AsyncGenerator<BuildEntry, void, void> {
  const choice = walk.chosen(entry.path, entry.kind);
  if (choice === 'out') return;
  const { ignored, results } = walk.rules.judge(entry.path, place.results);
  const held = ignored || choice === 'way' ? [...place.held, entry] : place.held;
  if (!ignored && choice === 'in') yield* release(walk, [...place.held, entry]);
  if (entry.kind !== 'folder' || (ignored && !walk.rules.hasExceptions)) return;
  yield* walkFolder(walk, { name: entry.path, results, held });
}

function* release(walk: Walk, entries: readonly BuildEntry[]): Generator<BuildEntry, void, void> {
  for (const entry of entries) {
    if (walk.sent.has(entry.path)) continue;
    if (entry.kind === 'folder') walk.sent.add(entry.path);
    yield entry;
  }
}

/** By their bytes, as Go sorts them. */
async function sortedNames(folder: string): Promise<string[]> {
  const names = await readdir(folder, { encoding: 'buffer' }).catch(noneIfGone);
  if (names === undefined) return [];
  return names.sort(Buffer.compare).map(String);
}

/** Undefined for what has gone meanwhile and for what no image holds: sockets, pipes, devices. */
async function readEntry(walk: Walk, name: string): Promise<BuildEntry | undefined> {
  const file = path.join(walk.root, name);
  const facts = await settledFacts(file);
  const kind = facts && kindOf(facts);
  if (facts === undefined || kind === undefined) return undefined;
  const linkTarget =
    kind === 'link' ? await readlink(file) : kind === 'file' ? sameFile(walk, name, facts) : undefined;
  return {
    path: name,
    kind,
    mode: Number(facts.mode) & 0o7777,
    sizeBytes: kind === 'file' ? Number(facts.size) : 0,
    modifiedNs: facts.mtimeNs,
    ...(linkTarget === undefined ? {} : { linkTarget }),
  };
}

/**
 * A second edit within one tick of the clock leaves size and time as they were, and the builder could not tell it from the first:
 * a file is listed when the tick of its last edit is over. Undefined for what has gone.
 */
async function settledFacts(file: string): Promise<BigIntStats | undefined> {
  const facts = await lstat(file, { bigint: true }).catch(noneIfGone);
  if (facts === undefined || !facts.isFile()) return facts;
  const ageMs = Date.now() - Number(facts.mtimeMs);
  // A time in the future was set by hand; it does not pass by waiting.
  if (ageMs >= CLOCK_TICK_MS || ageMs < -CLOCK_TICK_MS) return facts;
  await setTimeout(CLOCK_TICK_MS - ageMs);
  return lstat(file, { bigint: true }).catch(noneIfGone);
}

/** Only what has gone may be left out of a context: what cannot be read for want of rights is to be said, as docker does. */
function noneIfGone(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return undefined;
  throw thrown;
}

function kindOf(facts: BigIntStats): BuildEntry['kind'] | undefined {
  if (facts.isDirectory()) return 'folder';
  if (facts.isSymbolicLink()) return 'link';
  return facts.isFile() ? 'file' : undefined;
}

function sameFile(walk: Walk, name: string, facts: BigIntStats): string | undefined {
  if (facts.nlink < 2n) return undefined;
  // The first name must itself go along; an ignored one is no target.
  if (walk.rules.judge(name).ignored || walk.chosen(name, 'file') !== 'in') return undefined;
  const key = `${facts.dev}:${facts.ino}`;
  const first = walk.links.get(key);
  if (first === undefined) walk.links.set(key, name);
  return first;
}
