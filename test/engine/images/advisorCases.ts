import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { adviseOn } from '#app/builds/adviseOn.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import type { Engine } from '#engine/engine.ts';
import { buildImage } from '#images/build/buildImage.ts';
import { GOOD, type SLOW } from '../../support/dockerfiles.ts';
import { openTestEngine } from '../../support/realEngine.ts';
import { needImages } from '../../support/world.ts';
import { contentOf, STAND_IN } from './standInTools.ts';

let engine: Engine;
let root: string;
const made = new Set<string>();

/** The engine, a folder, and the image with the tools, for the tests of a file. */
export function withStandIn(): void {
  beforeAll(async () => {
    await needImages('busybox:1');
    engine = await openTestEngine();
    root = await mkdtemp(path.join(os.tmpdir(), 'slipway-advisor-'));
    await writeFiles(path.join(root, 'base'), STAND_IN);
    await build(path.join(root, 'base'), BASE);
  }, 120_000);
  afterAll(async () => {
    for (const image of made) await engine.removeImage(image, { force: true });
    await engine.close();
    await rm(root, { recursive: true, force: true });
  });
}

const BASE = 'slipway-advisor-base:1';

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    if (/mvnw|gradlew/.test(name)) await chmod(file, 0o755);
  }
}

async function build(folder: string, image: string): Promise<BuildView> {
  let last: BuildView | undefined;
  made.add(image);
  await buildImage(engine, {
    project: {
      name: 'advisor',
      environment: {},
      secrets: {},
      services: {},
      resolvedContent: { secrets: {}, configs: {} },
    },
    service: 'case',
    build: { context: folder },
    image,
    auths: [],
    id: 'case',
    now: Date.now,
    onView: (view) => (last = view),
  });
  if (last === undefined) throw new Error('the build said nothing');
  return last;
}

/** Every base is the one with the tools; a final stage needs a shell, so that it can be asked. */
function onStandIn(text: string): string {
  const stages = [...text.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);
  return text.replace(/^FROM (\S+)/gm, (line, image: string) =>
    stages.includes(image) ? line : `FROM ${BASE}`,
  );
}

/** A folder for the files that a case names: those that end in `/` hold the source. */
async function contextOf(name: string, files: readonly string[], text: string): Promise<string> {
  const folder = path.join(root, name.replaceAll(/\W+/g, '-'));
  await rm(folder, { recursive: true, force: true });
  const own = files.map((file) => (file.endsWith('/') ? `${file}.keep` : file));
  const home =
    files.find(
      (file) => file.endsWith('/') && files.some((other) => other.startsWith(file) && other !== file),
    ) ?? '';
  await writeFiles(folder, {
    ...Object.fromEntries(own.map((file) => [file, contentOf(path.basename(file))])),
    Dockerfile: onStandIn(text),
    '.dockerignore': 'node_modules\n.git\n',
    [`${home}marker.txt`]: 'one\n',
  });
  return folder;
}

const MARKER =
  'cat /built/marker.txt /out 2>/dev/null; find / -name marker.txt -not -path "/proc/*" -exec cat {} + 2>/dev/null';

/** What is in the image, as its own shell says it. */
async function inImage(image: string, command: string): Promise<string> {
  const { id } = await engine.createContainer({
    name: `slipway-advisor-${Date.now()}`,
    body: { Image: image, Entrypoint: ['sleep'], Cmd: ['60'] },
  });
  try {
    await engine.startContainer(id);
    const { stdout } = await engine.exec(id, { command: ['sh', '-c', command] });
    return new TextDecoder().decode(stdout);
  } finally {
    await engine.removeContainer(id, { force: true, anonymousVolumes: true });
  }
}

/** The number of the install that the image was made with, where its last stage has it. */
const INSTALL = 'cat /deps/id /out 2>/dev/null; cat /target/marker.txt 2>/dev/null';

/** The folder that holds the source, where it is not the context itself. */
function homeOf(files: readonly string[]): string {
  return (
    files.find(
      (file) => file.endsWith('/') && files.some((other) => other.startsWith(file) && other !== file),
    ) ?? ''
  );
}

/** Applies the change to one slow Dockerfile, builds, changes the source alone, and builds again. */
export async function proveChange([name, files, text]: (typeof SLOW)[number]): Promise<void> {
  const folder = await contextOf(name, files, text);
  const image = `slipway-advisor-case-${path.basename(folder)}`.toLowerCase();
  const [advice] = await adviseOn({ context: folder }, { service: 'case' });
  expect(advice?.rule).toBe('late-copy');
  if (advice?.change === undefined) throw new Error('no change');
  await writeFile(advice.change.file, advice.change.text);
  await build(folder, image);
  const before = idIn(await inImage(image, INSTALL));
  expect(before).toBeDefined();
  await writeFile(path.join(folder, homeOf(files), 'marker.txt'), 'two\n');
  const view = await build(folder, image);
  const lines = advice.change.text.split('\n');
  const install = lines.findIndex((line) => line.startsWith('RUN') && !line.includes('==')) + 1;
  expect(view.steps.find(({ line }) => line === install)?.status).toBe('cached');
  expect(idIn(await inImage(image, INSTALL))).toBe(before);
  expect(await inImage(image, MARKER)).toContain('two');
}

function idIn(said: string): string | undefined {
  return /[0-9a-f]{16}/.exec(said)?.[0];
}

/** From the files alone, as the window asks: nothing to say of any of them. */
export async function proveSilence(): Promise<void> {
  for (const [name, files, text] of GOOD) {
    const folder = await contextOf(`good ${name}`, files, text);
    // The bases' own names: a version is part of what is good about them.
    await writeFile(path.join(folder, 'Dockerfile'), text);
    expect(await adviseOn({ context: folder }, { service: 'case' }), name).toEqual([]);
  }
}
