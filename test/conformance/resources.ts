import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import { failureOf, type Harness, IMAGE, kindOf } from './harness.ts';

export function resourceConformance(harness: Harness): void {
  describe('files', () => {
    test('go in and come out again, without the container running', async () => {
      const { id } = await harness.create('idle');
      await harness.engine.writeArchive(id, '/tmp', tarOf({ 'note.txt': 'kept ✓' }));
      expect(await filesOf(harness, id, '/tmp/note.txt')).toEqual({ 'note.txt': 'kept ✓' });
    });

    test('a folder comes with what is in it', async () => {
      const { id } = await harness.create('idle');
      await harness.engine.writeArchive(id, '/tmp', tarOf({ 'sub/a': '1', 'sub/b': '2' }));
      expect(await filesOf(harness, id, '/tmp/sub')).toEqual({ 'sub/a': '1', 'sub/b': '2' });
    });

    test('facts of a path, undefined where there is nothing', async () => {
      const { id } = await harness.create('idle');
      await harness.engine.writeArchive(id, '/tmp', tarOf({ 'note.txt': '12345' }));
      const file = await harness.engine.statPath(id, '/tmp/note.txt');
      expect(file).toMatchObject({ name: 'note.txt', sizeBytes: 5, isDirectory: false });
      expect(await harness.engine.statPath(id, '/tmp')).toMatchObject({ name: 'tmp', isDirectory: true });
      expect(await harness.engine.statPath(id, '/tmp/nothing')).toBeUndefined();
    });

    test('of a path that does not exist: reading and writing fail', async () => {
      const { id } = await harness.create('idle');
      expect(await kindOf(harness.engine.readArchive(id, '/no/such'))).toBe('engine.notFound');
      expect(await kindOf(harness.engine.writeArchive(id, '/no/such', tarOf({ a: '1' })))).toBe(
        'engine.notFound',
      );
    });

    test('written to a container that does not exist: not found', async () => {
      const missing = 'f'.repeat(64) as ContainerId;
      const big = tarOf({ big: 'x'.repeat(2_000_000) });
      expect(await kindOf(harness.engine.writeArchive(missing, '/tmp', big))).toBe('engine.notFound');
    });

    test('in a volume outlive the container', async () => {
      const volume = await harness.volume();
      const HostConfig = { Mounts: [{ Type: 'volume', Source: volume, Target: '/data' }] } as const;
      const first = await harness.create('idle', { HostConfig });
      await harness.engine.writeArchive(first.id, '/data', tarOf({ row: '42' }));
      await harness.engine.removeContainer(first.id, { force: true, anonymousVolumes: true });
      const second = await harness.create('idle', { HostConfig });
      expect(await filesOf(harness, second.id, '/data/row')).toEqual({ row: '42' });
      expect((await harness.engine.inspectContainer(second.id)).mounts).toMatchObject([
        { type: 'volume', name: volume, destination: '/data', readWrite: true },
      ]);
      await harness.engine.removeContainer(second.id);
    });
  });

  describe('networks', () => {
    test('made, listed by name and label, removed', async () => {
      const name = await harness.network();
      const [network] = await harness.engine.listNetworks({ names: [name], labels: [harness.label] });
      expect(network).toMatchObject({ name, driver: 'bridge', internal: false });
      expect(network?.labels).toMatchObject(harness.labels);
      await harness.engine.removeNetwork(name);
      expect(await harness.engine.listNetworks({ names: [name] })).toEqual([]);
    });

    test('a second of one name is a conflict', async () => {
      const name = await harness.network();
      expect(await failureOf(harness.engine.createNetwork({ Name: name }))).toMatchObject({
        kind: 'engine.conflict',
        what: 'network',
        id: name,
      });
    });

    test('removing one that is not there', async () => {
      expect(await failureOf(harness.engine.removeNetwork('slipway-test-nowhere'))).toMatchObject({
        kind: 'engine.notFound',
        what: 'network',
      });
    });

    test('one with a running container is refused for now', async () => {
      const name = await harness.network();
      const { id } = await harness.start('idle', { HostConfig: { NetworkMode: name } });
      expect(await failureOf(harness.engine.removeNetwork(name))).toMatchObject({
        kind: 'engine.failed',
        transient: true,
      });
      await harness.engine.removeContainer(id, { force: true });
      await harness.engine.removeNetwork(name);
    });

    test('a container joins and leaves, with an alias', async () => {
      const name = await harness.network();
      const { id } = await harness.start('idle');
      await harness.engine.connectNetwork(name, id, { Aliases: ['db'] });
      const joined = await harness.engine.inspectContainer(id);
      expect(joined.networks).toEqual(['bridge', name].sort());
      expect(joined.networkEndpoints[name]?.aliases).toContain('db');
      expect(joined.networkEndpoints[name]?.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      await harness.engine.disconnectNetwork(name, id);
      expect((await harness.engine.inspectContainer(id)).networks).toEqual(['bridge']);
    });

    test('a start on one that is gone names it', async () => {
      const name = await harness.network();
      const { id } = await harness.create('idle', { HostConfig: { NetworkMode: name } });
      await harness.engine.removeNetwork(name);
      expect(await failureOf(harness.engine.startContainer(id))).toMatchObject({
        kind: 'engine.notFound',
        what: 'network',
      });
    });
  });

  describe('volumes', () => {
    test('made once, however often; listed by label; gone when removed', async () => {
      const name = await harness.volume();
      const again = await harness.engine.createVolume({ Name: name });
      expect(again).toMatchObject({ name, driver: 'local', labels: harness.labels });
      expect((await harness.engine.listVolumes({ labels: [harness.label], names: [name] })).length).toBe(1);
      await harness.engine.removeVolume(name);
      expect(await harness.engine.inspectVolume(name)).toBeUndefined();
      expect(await failureOf(harness.engine.removeVolume(name))).toMatchObject({
        kind: 'engine.notFound',
        what: 'volume',
      });
    });

    test('one that a container has, even a stopped one, is not removed', async () => {
      const name = await harness.volume();
      const { id } = await harness.create('idle', { HostConfig: { Binds: [`${name}:/data`] } });
      expect(await failureOf(harness.engine.removeVolume(name))).toMatchObject({
        kind: 'engine.conflict',
        what: 'volume',
      });
      await harness.engine.removeContainer(id);
    });

    test('anonymous ones go with the container only when asked for', async () => {
      const anonymous = async (id: ContainerId) =>
        (await harness.engine.inspectContainer(id)).mounts[0]?.name ?? 'no volume';
      const kept = await harness.create('idle', { Volumes: { '/data': {} } });
      const keptVolume = await anonymous(kept.id);
      await harness.engine.removeContainer(kept.id);
      expect(await harness.engine.inspectVolume(keptVolume)).toMatchObject({ name: keptVolume });
      await harness.engine.removeVolume(keptVolume);
      const gone = await harness.create('idle', { Volumes: { '/data': {} } });
      const goneVolume = await anonymous(gone.id);
      await harness.engine.removeContainer(gone.id, { anonymousVolumes: true });
      expect(await harness.engine.inspectVolume(goneVolume)).toBeUndefined();
    });
  });

  describe('images', () => {
    test('what the engine has, undefined what it has not', async () => {
      const image = await harness.engine.inspectImage(IMAGE);
      expect(image).toMatchObject({ os: 'linux', platform: expect.stringMatching(/^linux\//) });
      expect(image?.tags).toContain(IMAGE);
      expect(image?.layers.length).toBeGreaterThan(0);
      expect(await harness.engine.inspectImage('slipway-test/nowhere:1')).toBeUndefined();
    });

    test('tagged, listed, untagged; the image stays', async () => {
      const tag = `slipway-test/${harness.name('tag')}:1`;
      await harness.engine.tagImage(IMAGE, tag);
      expect(
        (await harness.engine.listImages({ reference: tag })).map(({ tags }) => tags.includes(tag)),
      ).toEqual([true]);
      await harness.engine.removeImage(tag);
      expect(await harness.engine.inspectImage(tag)).toBeUndefined();
      expect(await harness.engine.inspectImage(IMAGE)).toBeDefined();
      expect(await failureOf(harness.engine.removeImage(tag))).toMatchObject({
        kind: 'engine.notFound',
        what: 'image',
      });
    });

    test('history has the layers', async () => {
      const history = await harness.engine.imageHistory(IMAGE);
      expect(history.length).toBeGreaterThan(0);
      expect(history.some(({ sizeBytes }) => sizeBytes > 0)).toBe(true);
    });
  });
}

async function* tarOf(files: Readonly<Record<string, string>>): AsyncGenerator<Uint8Array, void, void> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  for await (const chunk of tar) yield chunk as Uint8Array;
}

async function filesOf(harness: Harness, id: ContainerId, path: string): Promise<Record<string, string>> {
  const entries = extract();
  Readable.from(await harness.engine.readArchive(id, path)).pipe(entries);
  const files: Record<string, string> = {};
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === 'file') files[entry.header.name] = Buffer.concat(chunks).toString();
  }
  return files;
}
