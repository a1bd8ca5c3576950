import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checksumGrowing } from './checksumGrowing.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-hash-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('takes in what is added while it reads, in pieces of any size', async () => {
  const file = path.join(folder, 'growing');
  await writeFile(file, '');
  const parts = [3, 1_500_000, 1, 1_048_576, 700_001].map((size) => randomBytes(size));
  const written = (async () => {
    for (const part of parts) {
      await appendFile(file, part);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const whole = Buffer.concat(parts);
  const seen: number[] = [];
  const checked = await checksumGrowing({ file, written, flush: true, onBytes: (bytes) => seen.push(bytes) });
  const checksum = `crc32:${crc32(whole).toString(16).padStart(8, '0')}`;
  expect(checked).toEqual({ bytes: whole.length, checksum });
  expect(seen.at(-1)).toBe(whole.length);
});

it('fails when who writes fails', async () => {
  const file = path.join(folder, 'broken');
  await writeFile(file, 'half');
  const written = Promise.reject(new Error('no room'));
  await expect(checksumGrowing({ file, written, flush: false })).rejects.toThrow('no room');
});
