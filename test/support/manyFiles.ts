import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Files of one folder; real projects have about as many. */
const PER_FOLDER = 50;

/** Writes a tree as one branch has it. */
export async function writeBranch(root: string, files: number): Promise<void> {
  for (let at = 0; at < files; at += 1) await writeOne(root, at, `main ${at}\n`);
}

/** What a branch switch does: most files change, some go, as many come. Every name is touched once. */
export async function switchBranch(root: string, files: number): Promise<void> {
  for (let at = 0; at < files; at += 1) {
    if (at % 10 === 0) await rm(fileOf(root, at));
    else if (at % 10 === 1) await writeOne(root, at + files, `other ${at}\n`);
    else await writeOne(root, at, `other ${at} ${'x'.repeat(at % 97)}\n`);
  }
}

function fileOf(root: string, at: number): string {
  return path.join(root, `d${Math.floor(at / PER_FOLDER)}`, `f${at}.txt`);
}

async function writeOne(root: string, at: number, content: string): Promise<void> {
  const file = fileOf(root, at);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** What `HASH_COMMAND` says of the same tree in a container. */
export async function hashOf(root: string): Promise<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const relative = names.map((name) => `./${path.relative(root, name)}`).sort((a, b) => (a < b ? -1 : 1));
  const lines: string[] = [];
  for (const name of relative) {
    const digest = createHash('sha256')
      .update(await readFile(path.join(root, name)))
      .digest('hex');
    lines.push(`${digest}  ${name}\n`);
  }
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** Run in the folder, by any shell. */
export const HASH_COMMAND = 'find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d" " -f1';
