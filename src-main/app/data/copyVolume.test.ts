import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { deferred } from '#base/deferred.ts';
import type { Engine } from '#engine/engine.ts';
import { newChecksum } from './checksum.ts';
import { isEmptyCopy, saveVolume } from './copyVolume.ts';
import type { TarHelper } from './tarHelper.ts';

it('knows the checksum of an empty archive that was read before it was cut short', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-copy-'));
  try {
    const file = path.join(folder, 'volume-1');
    const record = Buffer.alloc(64 * 1024);
    record.fill(7, 0, 512);
    const read = deferred<void>();
    const helper = {
      save: async () => {
        await writeFile(file, record);
        await read.promise;
        return true;
      },
    };
    const onBytes = (bytes: number) => bytes === record.length && read.resolve();
    const access = { engine: {} as Engine, volume: 'v', image: 'i', newId: () => 'n', flush: false, onBytes };
    const saved = await saveVolume(access, file, helper as unknown as TarHelper);
    const sum = newChecksum();
    sum.update(await readFile(file));
    expect(await saved.checked).toEqual({ bytes: saved.bytes, checksum: sum.text() });
    expect(isEmptyCopy(saved)).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
