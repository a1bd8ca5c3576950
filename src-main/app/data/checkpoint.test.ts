import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseCheckpoint } from './checkpoint.ts';
import { checkFile } from './copyVolume.ts';

const manifest = (volume: object) => ({
  version: 1,
  id: 'c1',
  name: 'before the migration',
  reason: 'asked',
  createdAt: 0,
  seed: false,
  project: 'shop',
  services: [],
  volumes: [
    {
      name: 'shop_db',
      services: ['db'],
      labels: {},
      file: 'volume-1',
      encoding: 'none',
      bytes: 5,
      ...volume,
    },
  ],
});

it('reads a checkpoint whose checksum is of the older kind, and finds damage in its file', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-checkpoint-'));
  try {
    const file = path.join(folder, 'volume-1');
    await writeFile(file, 'hello');
    const sha256 = createHash('sha256').update('hello').digest('hex');
    const { volumes } = parseCheckpoint(JSON.stringify(manifest({ storedBytes: 5, sha256 })));
    const [volume] = volumes;
    if (volume === undefined) throw new Error('no volume');
    await checkFile(file, volume);
    await writeFile(file, 'hellp');
    await expect(checkFile(file, volume)).rejects.toThrow('damaged');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it.each([{ sha256: '../../etc/passwd' }, { checksum: 'crc32:xyz' }, { checksum: 'md5:00000000' }, {}])(
  'refuses a checksum that is none: %j',
  (sum) => {
    expect(() => parseCheckpoint(JSON.stringify(manifest({ storedBytes: 5, ...sum })))).toThrow('checkpoint');
  },
);
