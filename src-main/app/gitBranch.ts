import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** Where a checkout says what it has checked out. */
export interface GitHead {
  /** The file to watch. */
  readonly file: string;
  readonly branch: string | undefined;
}

/** The checkout that a folder is in, looked for upwards as git does; undefined outside of one. */
export async function readGitHead(folder: string): Promise<GitHead | undefined> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const gitDir = await gitDirOf(path.join(at, '.git'));
    if (gitDir !== undefined) {
      const file = path.join(gitDir, 'HEAD');
      return { file, branch: branchOf(await readText(file)) };
    }
    if (path.dirname(at) === at) return undefined;
  }
}

/** `.git` is a folder, or in a worktree or submodule a file that names one. Source: gitrepository-layout(5). */
async function gitDirOf(dotGit: string): Promise<string | undefined> {
  const found = await stat(dotGit).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isDirectory()) return dotGit;
  const pointer = /^gitdir: (.+)$/m.exec((await readText(dotGit)) ?? '')?.[1];
  return pointer === undefined ? undefined : path.resolve(path.dirname(dotGit), pointer.trim());
}

/** A detached HEAD shows the start of its commit. */
function branchOf(head: string | undefined): string | undefined {
  if (head === undefined) return undefined;
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1]?.trim();
  return branch ?? (/^[0-9a-f]{40,64}$/.test(head.trim()) ? head.trim().slice(0, 7) : undefined);
}

/** Unreadable means the same as not there: the branch is only a decoration. */
async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
