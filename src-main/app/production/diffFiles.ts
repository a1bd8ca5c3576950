import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { OF_NO_SERVICE } from '#compose/labels.ts';
import type { ComparisonView } from '#contract/requests/production.ts';
import type { Engine } from '#engine/engine.ts';

/** More than a person reads; the rest is counted. */
const SHOWN = 300;

/** Files that differ between two images, by content, mode, owner and link. Both are read once, side by side, never run. */
export async function diffFiles(
  engine: Engine,
  left: string,
  right: string,
  signal?: AbortSignal,
): Promise<NonNullable<ComparisonView['files']>> {
  const [before, after] = await Promise.all([
    readFiles(engine, left, signal),
    readFiles(engine, right, signal),
  ]);
  const onlyLeft = [...before.keys()].filter((name) => !after.has(name)).sort();
  const onlyRight = [...after.keys()].filter((name) => !before.has(name)).sort();
  const changed = [...before].filter(([name, mark]) => after.has(name) && after.get(name) !== mark);
  const names = changed.map(([name]) => name).sort();
  const more = [onlyLeft, onlyRight, names].reduce((sum, list) => sum + Math.max(0, list.length - SHOWN), 0);
  return {
    onlyLeft: onlyLeft.slice(0, SHOWN),
    onlyRight: onlyRight.slice(0, SHOWN),
    changed: names.slice(0, SHOWN),
    more,
  };
}

/** Path to a mark of everything that matters of a file. */
async function readFiles(
  engine: Engine,
  image: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const { id } = await engine.createContainer({
    name: `slipway-compare-${Math.random().toString(36).slice(2, 10)}`,
    // It is never started; an image without a command could not even be created without one.
    body: { Image: image, Cmd: ['none'], Labels: { ...OF_NO_SERVICE, 'dev.slipway.purpose': 'compare' } },
    signal,
  });
  try {
    return await marksOf(await engine.readArchive(id, '/', { signal }));
  } finally {
    await engine.removeContainer(id, { force: true, anonymousVolumes: true });
  }
}

async function marksOf(source: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, string>> {
  const marks = new Map<string, string>();
  const tar = extract();
  // A failure of either side ends both; the promise itself is awaited after the last entry.
  const fed = pipeline(Readable.from(source), tar);
  fed.catch(() => tar.destroy());
  for await (const entry of tar) {
    const hash = createHash('sha256');
    for await (const chunk of entry) hash.update(chunk as Uint8Array);
    const { name, type } = entry.header;
    const file = `/${name.replace(/^\.?\//, '')}`;
    if (type !== 'directory') marks.set(file, markOf(entry.header, hash.digest('hex')));
  }
  await fed;
  return marks;
}

function markOf({ type, mode, uid, gid, linkname }: Header, hash: string): string {
  return [type, mode, uid, gid, linkname ?? '', hash].join(' ');
}
