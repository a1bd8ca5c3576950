import { chmod, link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contextTar, type TarContext } from './contextTar.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-context-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

async function read(
  context: Partial<TarContext> = {},
): Promise<Map<string, { header: Header; text: string }>> {
  const reader = extract();
  const tar = contextTar({ folder, dockerfile: 'Dockerfile', ...context });
  const entries = new Map<string, { header: Header; text: string }>();
  reader.on('entry', (header, stream, next) => {
    const parts: Uint8Array[] = [];
    stream.on('data', (part) => parts.push(part as Uint8Array));
    stream.on('end', () => {
      entries.set(header.name, { header, text: Buffer.concat(parts).toString() });
      next();
    });
  });
  const done = new Promise<void>((resolve, reject) => reader.on('finish', resolve).on('error', reject));
  Readable.from(tar).pipe(reader as unknown as NodeJS.WritableStream);
  await done;
  return entries;
}

const names = async (context?: Partial<TarContext>) => [...(await read(context)).keys()];

describe('contextTar', () => {
  it('holds every file, sorted, owned by root, with its mode and its links', async () => {
    await put({ Dockerfile: 'FROM scratch\n', 'bin/run.sh': '#!/bin/sh\n', 'b.txt': 'b' });
    await chmod(path.join(folder, 'bin/run.sh'), 0o755);
    await symlink('b.txt', path.join(folder, 'a.txt'));
    const entries = await read();
    expect([...entries.keys()]).toEqual(['Dockerfile', 'a.txt', 'b.txt', 'bin/', 'bin/run.sh']);
    expect(entries.get('bin/run.sh')?.header).toMatchObject({ uid: 0, gid: 0, mode: 0o755, size: 10 });
    expect(entries.get('a.txt')?.header).toMatchObject({ type: 'symlink', linkname: 'b.txt' });
    expect(entries.get('b.txt')?.text).toBe('b');
  });

  it('leaves out what .dockerignore names, with its exceptions, but never the Dockerfile', async () => {
    await put({
      '.dockerignore': 'node_modules\n**/*.log\nDockerfile\ndocs\n!docs/keep.md\n',
      Dockerfile: 'FROM scratch\n',
      'node_modules/x/index.js': '',
      'src/a.log': '',
      'src/a.js': '',
      'docs/keep.md': 'k',
      'docs/drop.md': 'd',
    });
    const ignore = await readFile(path.join(folder, '.dockerignore'), 'utf8');
    expect(await names({ ignore })).toEqual([
      '.dockerignore',
      'Dockerfile',
      'docs/',
      'docs/keep.md',
      'src/',
      'src/a.js',
    ]);
  });

  it('sends a file with two names once, and the second name as a link', async () => {
    await put({ Dockerfile: 'FROM scratch\n', 'a.txt': 'same' });
    await link(path.join(folder, 'a.txt'), path.join(folder, 'b.txt'));
    const entries = await read();
    expect(entries.get('b.txt')?.header).toMatchObject({ type: 'link', linkname: 'a.txt' });
  });

  it('carries an inline Dockerfile under its own name', async () => {
    await put({ 'a.txt': '' });
    const entries = await read({ dockerfile: '.dockerfile.1', dockerfileText: 'FROM busybox\n' });
    expect(entries.get('.dockerfile.1')?.text).toBe('FROM busybox\n');
  });

  it('streams: nothing is read ahead of its reader', async () => {
    await put({ Dockerfile: 'FROM scratch\n' });
    for (let i = 0; i < 24; i += 1) await writeFile(path.join(folder, `big${i}`), Buffer.alloc(4 << 20, i));
    const before = process.memoryUsage().arrayBuffers;
    let bytes = 0;
    let peak = 0;
    for await (const chunk of contextTar({ folder, dockerfile: 'Dockerfile' })) {
      bytes += chunk.length;
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }
    expect(bytes).toBeGreaterThan(96 << 20);
    // What was read and let go counts until it is collected: some of it, never all.
    expect(peak).toBeLessThan(48 << 20);
  });

  it('ends when its reader stops early', async () => {
    await put({ Dockerfile: 'FROM scratch\n', big: 'x'.repeat(1 << 20) });
    for await (const _ of contextTar({ folder, dockerfile: 'Dockerfile' })) break;
    expect(await names()).toContain('big');
  });
});
