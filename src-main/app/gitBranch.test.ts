import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readGitHead } from './gitBranch.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-git-'));
  await mkdir(path.join(folder, '.git'));
  await mkdir(path.join(folder, 'deep/er'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function branch(head: string): Promise<string | undefined> {
  await writeFile(path.join(folder, '.git/HEAD'), head);
  return (await readGitHead(path.join(folder, 'deep/er')))?.branch;
}

describe('readGitHead', () => {
  it('finds the branch from a folder below', async () => {
    expect(await branch('ref: refs/heads/feature/x\n')).toBe('feature/x');
  });

  it('shows the start of a commit where no branch is checked out', async () => {
    expect(await branch(`${'0123456789'.repeat(4)}\n`)).toBe('0123456');
  });

  it('follows the pointer of a worktree', async () => {
    const tree = path.join(folder, 'deep');
    await mkdir(path.join(folder, 'elsewhere'));
    await writeFile(path.join(folder, 'elsewhere/HEAD'), 'ref: refs/heads/side\n');
    await writeFile(path.join(tree, '.git'), 'gitdir: ../elsewhere\n');
    expect((await readGitHead(tree))?.branch).toBe('side');
  });
});
