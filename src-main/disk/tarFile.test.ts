import type * as fs from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isKind } from '#contract/errors.ts';
import { entryText, readTarFile, writeTarFile } from './tarFile.ts';

// The real files, on a disk that is slow to open one where a test says so.
const disk = vi.hoisted(() => ({ openMs: 0 }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const slow = {
    ...real,
    open: (...args: unknown[]) => setTimeout(() => Reflect.apply(real.open, real, args), disk.openMs),
  };
  const createWriteStream = (file: string, options: object) =>
    real.createWriteStream(file, { ...options, fs: slow });
  return { ...real, createWriteStream };
});

describe('tar files of ours', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-tar-'));
  });
  afterEach(async () => {
    disk.openMs = 0;
    await rm(folder, { recursive: true, force: true });
  });

  const read = async (file: string, gzip = false) => {
    const found: string[] = [];
    await readTarFile(
      file,
      'a whole thing',
      async (entry) => {
        found.push(`${entry.name}: ${await entryText(entry, 100)}`);
      },
      { gzip },
    );
    return found;
  };
  const failure = async (work: Promise<unknown>) => work.then(String, (thrown: unknown) => thrown);

  it.each([true, false])('reads what it wrote (gzip %s), for its owner only', async (gzip) => {
    const file = path.join(folder, 'new', 'a.tar');
    const bytes = await writeTarFile(
      file,
      async (tar) => {
        tar.entry({ name: 'one' }, 'first');
        tar.entry({ name: 'two' }, 'second');
      },
      { gzip },
    );
    expect(await read(file, gzip)).toEqual(['one: first', 'two: second']);
    const { size, mode } = await stat(file);
    expect([size, mode & 0o777]).toEqual([bytes, 0o600]);
  });

  it.each([0, 100])('leaves nothing where what fills it fails (file opened after %i ms)', async (openMs) => {
    disk.openMs = openMs;
    const file = path.join(folder, 'a.tar');
    const broken = writeTarFile(file, () => Promise.reject(new Error('source is gone')), { gzip: true });
    await expect(broken).rejects.toThrow('source is gone');
    await wait(2 * openMs);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['bytes that are none', Buffer.alloc(3000, 7), 'is not a whole thing.'],
    ['a folder', undefined, 'is a folder, not a file.'],
  ])('says of %s what is wrong', async (_what, content, words) => {
    const file = content ? path.join(folder, 'bad') : folder;
    if (content) await writeFile(file, content);
    const thrown = await failure(read(file));
    expect(isKind(thrown, 'input.invalid')).toBe(true);
    expect(String(thrown)).toContain(words);
  });

  it('says which file is not there', async () => {
    const thrown = await failure(read(path.join(folder, 'none')));
    expect(isKind(thrown, 'path.missing')).toBe(true);
  });

  it('says of a file that breaks off that it is not whole', async () => {
    const file = path.join(folder, 'a.tar');
    await writeTarFile(file, async (tar) => void tar.entry({ name: 'one' }, 'x'.repeat(90)), { gzip: true });
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    expect(isKind(await failure(read(file, true)), 'input.invalid')).toBe(true);
  });

  it('does not take a failure of what reads for one of the file', async () => {
    const file = path.join(folder, 'a.tar');
    await writeTarFile(file, async (tar) => void tar.entry({ name: 'one' }, 'first'), { gzip: false });
    const locked = path.join(folder, 'locked');
    await writeFile(locked, '');
    const into = readTarFile(
      file,
      'a whole thing',
      () => stat(path.join(locked, 'x')).then(() => undefined),
      {
        gzip: false,
      },
    );
    expect(await failure(into)).toMatchObject({ code: 'ENOTDIR' });
  });
});
