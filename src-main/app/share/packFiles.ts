import { execFile } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** A file that goes into a pack. */
export interface PackedFile {
  /** On this machine. */
  readonly file: string;
  /** In the pack, with forward slashes. */
  readonly place: string;
  readonly bytes: number;
}

export interface PackedFiles {
  readonly files: readonly PackedFile[];
  /** Where a mounted path lies in the pack; null where it is left out, undefined where it is none of the project's. */
  readonly placeOf: (source: string) => string | null | undefined;
  readonly notes: readonly string[];
}

/** Configuration and migrations are small; a folder of dependencies or of data is not what reproduces a bug. */
const MOUNT_LIMIT_BYTES = 20 * 1024 * 1024;
const MOUNT_LIMIT_FILES = 5000;
/** Files that hold secrets by their trade. */
const PRIVATE = /^(?:\.env.*|.*\.(?:pem|key|p12|pfx|jks|kdbx)|id_[a-z0-9]+|\.netrc|\.npmrc|\.pgpass)$/i;
/** Never part of a program's configuration. */
const SKIPPED = new Set(['.git', '.slipway', 'node_modules', '.venv', '__pycache__']);

/**
 * What the project's own folder holds of what its services mount: in a checkout only what git knows, and nowhere what holds
 * secrets by its name. Paths outside the folder stay where they are, for the colleague to see.
 */
export async function packFiles(folder: string, mounted: readonly string[]): Promise<PackedFiles> {
  const files = new Map<string, PackedFile>();
  const places = new Map<string, string | null>();
  const notes: string[] = [];
  for (const source of [...new Set(mounted)].sort()) {
    const relative = path.relative(folder, source);
    if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) continue;
    const found = await filesBelow(folder, source);
    if (found.length === 0) {
      notes.push(`${slashed(relative)} is left out: it is empty, or holds secrets by its name.`);
      places.set(source, null);
      continue;
    }
    const bytes = found.reduce((sum, file) => sum + file.bytes, 0);
    if (found.length > MOUNT_LIMIT_FILES || bytes > MOUNT_LIMIT_BYTES) {
      notes.push(`${slashed(relative)} is left out: it is larger than a pack should be.`);
      places.set(source, null);
      continue;
    }
    places.set(source, `./files/${slashed(relative)}`);
    for (const file of found) files.set(file.place, file);
  }
  return { files: [...files.values()], placeOf: (source) => places.get(source), notes };
}

async function filesBelow(folder: string, source: string): Promise<readonly PackedFile[]> {
  const names = (await trackedFiles(folder, source)) ?? (await walk(source));
  const files = await Promise.all(
    names.filter((name) => !PRIVATE.test(path.basename(name))).map((name) => packedFile(folder, name)),
  );
  return files.flatMap((file) => file ?? []);
}

/** Links are left out: what they lead to may be anything. */
async function packedFile(folder: string, file: string): Promise<PackedFile | undefined> {
  const facts = await lstat(file).catch(() => undefined);
  if (!facts?.isFile()) return undefined;
  return { file, place: `files/${slashed(path.relative(folder, file))}`, bytes: facts.size };
}

/** Undefined where there is no checkout, or where git ignores the whole of it. */
function trackedFiles(folder: string, source: string): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    const args = ['-C', folder, 'ls-files', '-z', '--', source];
    execFile('git', args, { maxBuffer: 16 * 1024 * 1024 }, (failed, output) => {
      const names = output.split('\0').filter((name) => name !== '');
      resolve(failed || names.length === 0 ? undefined : names.map((name) => path.join(folder, name)));
    });
  });
}

async function walk(source: string): Promise<readonly string[]> {
  const facts = await lstat(source).catch(() => undefined);
  if (facts?.isFile()) return [source];
  if (!facts?.isDirectory()) return [];
  const entries = await readdir(source, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (SKIPPED.has(entry.name) || found.length > MOUNT_LIMIT_FILES) continue;
    const at = path.join(source, entry.name);
    if (entry.isDirectory()) found.push(...(await walk(at)));
    else if (entry.isFile()) found.push(at);
  }
  return found;
}

function slashed(name: string): string {
  return name.split(path.sep).join('/');
}
