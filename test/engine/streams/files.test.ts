import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { changedFiles, listFiles, readContainerFile, writeContainerFile } from '#streams/files.ts';
import { failOnLeaks } from '#support/leaks.ts';
import { openTestEngine } from '#support/realEngine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());
const scope = failOnLeaks('files', () => engine);

const SCRIPT =
  'mkdir -p /d/sub; echo hi > /d/a; ln -s a /d/link; echo x > /d/sub/deep; echo y > "/d/with blank"; sleep 1000';

test('a folder lists the same from a running and from a stopped container', async () => {
  const { id } = await engine.createContainer({
    name: `${scope.prefix}-a`,
    body: { Image: 'busybox', Cmd: ['sh', '-c', SCRIPT], Labels: scope.labels, HostConfig: { Init: true } },
  });
  await engine.startContainer(id);
  await waitFor(id, '/d/with blank');
  const running = await listFiles(engine, id, '/d');
  await engine.killContainer(id);
  await engine.waitContainer(id);
  const stopped = await listFiles(engine, id, '/d');
  const short = ({ entries }: typeof running) =>
    entries.map(
      ({ name, type, sizeBytes, target, user }) =>
        `${type} ${name} ${type === 'directory' ? '-' : sizeBytes} ${target ?? ''} ${user}`,
    );
  expect(short(running)).toEqual([
    'file a 3  0:0',
    'link link 1 a 0:0',
    'directory sub -  0:0',
    'file with blank 2  0:0',
  ]);
  expect(short(stopped).map((line) => line.replace('link 0', 'link 1'))).toEqual(short(running));
  expect([running.truncated, stopped.truncated]).toEqual([false, false]);
  await expect(listFiles(engine, id, '/nowhere')).rejects.toMatchObject({ error: { kind: 'notFound' } });
  await engine.removeContainer(id, { force: true });
});

test('a file is written, read through a link, and shows among the changes', async () => {
  const { id } = await engine.createContainer({
    name: `${scope.prefix}-b`,
    body: { Image: 'busybox', Cmd: ['true'], Labels: scope.labels },
  });
  const bytes = Buffer.alloc(3_000_000, 'some bytes ');
  const cut = Array.from({ length: 30 }, (_, index) =>
    bytes.subarray(index * 100_000, (index + 1) * 100_000),
  );
  await writeContainerFile(engine, id, {
    folder: '/tmp',
    name: 'new.bin',
    sizeBytes: bytes.length,
    bytes: Readable.from(cut),
  });
  const read = await readContainerFile(engine, id, '/tmp/new.bin');
  const parts: Uint8Array[] = [];
  for await (const part of read.bytes) parts.push(part);
  expect([read.sizeBytes, Buffer.concat(parts).equals(bytes)]).toEqual([bytes.length, true]);
  expect((await changedFiles(engine, id)).map(({ kind, path }) => `${kind} ${path}`)).toContain(
    'added /tmp/new.bin',
  );
  await expect(readContainerFile(engine, id, '/tmp')).rejects.toMatchObject({
    error: { kind: 'input.invalid' },
  });
  await engine.removeContainer(id, { force: true });
});

async function waitFor(id: ContainerId, path: string): Promise<void> {
  const { eventually } = await import('#support/eventually.ts');
  await eventually(() => engine.statPath(id, path));
}
