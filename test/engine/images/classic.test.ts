import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#contract/requests/builds.ts';
import type { Engine } from '#engine/engine.ts';
import { buildImage } from '#images/build/buildImage.ts';
import { openTestEngine } from '../../support/realEngine.ts';
import { needImages } from '../../support/world.ts';

let engine: Engine;
let folder: string;
const IMAGE = 'slipway-classic-case:1';

beforeAll(async () => {
  await needImages('busybox:1');
  engine = await openTestEngine();
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-classic-'));
  await mkdir(path.join(folder, 'src'));
  await writeFile(path.join(folder, 'src/a.txt'), 'a\n');
  await writeFile(path.join(folder, 'src/b.log'), 'b\n');
  await writeFile(path.join(folder, '.dockerignore'), '**/*.log\n');
});
afterAll(async () => {
  if ((await engine.inspectImage(IMAGE)) !== undefined) await engine.removeImage(IMAGE, { force: true });
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** The same engine, as one that was made before BuildKit says of itself. */
function withoutBuildkit(): Engine {
  const info: Engine['info'] = async (options) => ({ ...(await engine.info(options)), buildkit: false });
  return new Proxy(engine, {
    get: (target, name) => {
      const value: unknown = name === 'info' ? info : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function built(build: object): Promise<{ readonly view: BuildView | undefined; readonly log: string }> {
  let view: BuildView | undefined;
  let log = '';
  const empty = { secrets: {}, configs: {} };
  await buildImage(withoutBuildkit(), {
    project: { name: 'classic', environment: {}, secrets: {}, services: {}, resolvedContent: empty },
    service: 'case',
    build: { context: folder, ...build },
    image: IMAGE,
    auths: [],
    id: 'case',
    now: Date.now,
    onView: (heard) => (view = heard),
    onOutput: (output) => {
      if (output.type === 'log') log += Buffer.from(output.bytes).toString();
    },
  });
  return { view, log };
}

const INLINE = 'FROM busybox:1\nCOPY . /ctx\nRUN cd /ctx && find . -type f | sort && echo done\n';

test('an engine without BuildKit must build too: inline, with the ignore file, step by step', async () => {
  const { view, log } = await built({ dockerfile_inline: INLINE, no_cache: true });
  expect(log).toContain('./.dockerignore\n./src/a.txt\ndone');
  expect(log).not.toContain('b.log');
  expect(view).toMatchObject({ outcome: 'done' });
  // It adds our labels as steps of its own, which stand in no line.
  const lines = view?.steps.slice(0, 3).map(({ line, status }) => `${line} ${status}`);
  expect(lines).toEqual(['1 done', '2 done', '3 done']);
});

test('its errors must stand at the line, and what it cannot do be said', async () => {
  const dockerfile = path.join(folder, 'Dockerfile');
  await writeFile(dockerfile, 'FROM busybox:1\n\nRUN exit 7\n');
  await expect(built({})).rejects.toMatchObject({
    error: { kind: 'build.failed', service: 'case', at: { file: dockerfile, line: 3 } },
  });
  await writeFile(dockerfile, 'FROM busybox:1\nRUN true\n');
  const { view } = await built({ secrets: [{ source: 'token' }] });
  expect(view?.warnings.join()).toContain('no BuildKit');
});
