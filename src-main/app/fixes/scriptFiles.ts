import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Service } from '#compose/project.ts';

/** A script of the user's that a service runs. */
export interface Script {
  /** Absolute. */
  readonly file: string;
  /** One character for one byte. */
  readonly text: string;
  readonly executable: boolean;
  /** How it gets into the container. */
  readonly from: 'mount' | 'build';
}

/** Looked at, and not more: a mounted folder may be a whole disk. */
const MOST_FILES = 2_000;
const DEEPEST = 4;
/** A script that is longer than this is no script. */
const MOST_BYTES = 1024 * 1024;
const SKIPPED = new Set(['node_modules', '.git', '.slipway', '.venv', 'vendor', 'target', 'dist']);
const SCRIPT_NAME =
  /\.(?:sh|bash|ash|ksh|zsh|py|rb|pl|php)$|(?:^|[/\\])(?:gradlew|mvnw|manage\.py)$|entrypoint/i;

/** The scripts that are bind-mounted into a service or lie in the folder it is built from, by name. */
export async function scriptsOf(service: Service): Promise<readonly Script[]> {
  const mounts = (service.volumes ?? []).flatMap(({ type, source }) =>
    type === 'bind' && source !== undefined ? [source] : [],
  );
  const context = service.build?.context;
  const mounted = await scriptsIn(mounts, 'mount');
  const built = context !== undefined && path.isAbsolute(context) ? await scriptsIn([context], 'build') : [];
  const known = new Set(mounted.map(({ file }) => file));
  return [...mounted, ...built.filter(({ file }) => !known.has(file))].sort((a, b) =>
    a.file < b.file ? -1 : 1,
  );
}

async function scriptsIn(places: readonly string[], from: Script['from']): Promise<Script[]> {
  const budget = { left: MOST_FILES };
  const files = (await Promise.all(places.map((place) => filesBelow(place, DEEPEST, budget)))).flat();
  const scripts = await Promise.all(files.map((file) => asScript(file, from)));
  return scripts.filter((script) => script !== undefined);
}

/** The file itself, or those in the folder. What cannot be read holds nothing for us to mend. */
async function filesBelow(place: string, depth: number, budget: { left: number }): Promise<string[]> {
  const facts = await stat(place).catch(() => undefined);
  if (facts?.isFile()) return budget.left-- > 0 ? [place] : [];
  if (!facts?.isDirectory() || depth === 0) return [];
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (budget.left <= 0) break;
    const below = path.join(place, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name))
      found.push(...(await filesBelow(below, depth - 1, budget)));
    else if (entry.isFile() && budget.left-- > 0) found.push(below);
  }
  return found;
}

/** undefined for what is no script: neither its name nor its first line says so. */
async function asScript(file: string, from: Script['from']): Promise<Script | undefined> {
  const facts = await stat(file).catch(() => undefined);
  if (facts === undefined || facts.size > MOST_BYTES) return undefined;
  const text = await readFile(file, 'latin1').catch(() => '');
  if (!text.startsWith('#!') && !SCRIPT_NAME.test(file)) return undefined;
  if (text.includes('\0')) return undefined;
  return { file, text, executable: (facts.mode & 0o111) !== 0, from };
}
