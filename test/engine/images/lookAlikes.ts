import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { Build } from '#compose/project.ts';
import type { Engine } from '#engine/engine.ts';
import { buildImage } from '#images/build/buildImage.ts';

/** Every file of a case has this one, so that size and name are all that could tell them apart. */
const SAME_TIME = new Date('2026-01-02T03:04:05Z');

export type Files = Readonly<Record<string, string>>;

/** A folder that goes with the test. */
export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-alike-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Writes files that all have the same time, to the nanosecond. */
export async function writeAlike(folder: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    await utimes(file, SAME_TIME, SAME_TIME);
  }
}

/** Builds, and answers with the digest of every file that the image has below /ctx. */
export async function builtDigests(engine: Engine, image: string, build: Build): Promise<Files> {
  await buildImage(engine, {
    project: {
      name: 'alike',
      environment: {},
      secrets: {},
      services: {},
      resolvedContent: { secrets: {}, configs: {} },
    },
    service: 'case',
    build,
    image,
    auths: [],
    id: image,
    now: Date.now,
  });
  return imageDigests(engine, image);
}

/** What is below /ctx of an image, which goes afterwards. */
export async function imageDigests(engine: Engine, image: string): Promise<Files> {
  const { id } = await engine.createContainer({
    name: `${image}-read`,
    body: { Image: image, Cmd: ['true'] },
  });
  try {
    return await digestsOf(await engine.readArchive(id, '/ctx'));
  } finally {
    await engine.removeContainer(id, { force: true });
    await engine.removeImage(image, { force: true });
  }
}

async function digestsOf(archive: AsyncIterable<Uint8Array>): Promise<Files> {
  const found: Record<string, string> = {};
  const entries = extract();
  const unpacked = pipeline(Readable.from(archive), entries);
  for await (const entry of entries) {
    const hash = createHash('sha256');
    for await (const chunk of entry) hash.update(chunk as Uint8Array);
    if (entry.header.type === 'file') found[entry.header.name.replace(/^ctx\//, '')] = hash.digest('hex');
  }
  await unpacked;
  return found;
}

/** The same of the folder itself. */
export async function folderDigests(folder: string, names: readonly string[]): Promise<Files> {
  const found: Record<string, string> = {};
  for (const name of names)
    found[name] = createHash('sha256')
      .update(await readFile(path.join(folder, name)))
      .digest('hex');
  return found;
}
