import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Build } from '#compose/project.ts';
import type { Advice, BuildView } from '#contract/requests/builds.ts';
import { advise, type ContextEntry } from '#images/advisor/advise.ts';
import { buildPlace } from '#images/build/buildPlace.ts';

/** Names are all that the advice depends on; nobody keeps a manifest deeper than this. */
const LISTED_ENTRIES = 2_000;

/** Reads what the advisor looks at. */
export async function adviseOn(
  build: Build,
  own: { readonly service: string; readonly lastBuild?: BuildView | undefined },
): Promise<readonly Advice[]> {
  const place = await buildPlace(build, own.service);
  const inside = place.file === undefined ? 'Dockerfile' : path.relative(place.folder, place.file);
  return advise({
    dockerfile: inside.split(path.sep).join('/'),
    text: place.text,
    files: { dockerfile: place.file, ignore: place.ignore?.file ?? path.join(place.folder, '.dockerignore') },
    ignore: place.ignore?.text,
    context: await listed(place.folder),
    lastBuild: own.lastBuild,
  });
}

/** The top of the folder and one level below. */
async function listed(folder: string): Promise<readonly ContextEntry[]> {
  const top = await entriesOf(folder, '');
  const folders = top.filter(({ kind }) => kind === 'folder');
  const below = await Promise.all(folders.map((entry) => entriesOf(folder, `${entry.path}/`)));
  return [...top, ...below.flat()].slice(0, LISTED_ENTRIES);
}

async function entriesOf(root: string, prefix: string): Promise<readonly ContextEntry[]> {
  const entries = await readdir(path.join(root, prefix), { withFileTypes: true });
  return entries.map((entry) => ({
    path: `${prefix}${entry.name}`,
    kind: entry.isDirectory() ? ('folder' as const) : ('file' as const),
  }));
}
