import { readFile, realpath, stat } from 'node:fs/promises';

/** What a loader of compose files asks for. */
interface Reader {
  readText(path: string, limit: number): Promise<string | undefined>;
  kind(path: string): Promise<'file' | 'folder' | 'other' | undefined>;
  realPath(path: string): Promise<string>;
}

/** Files from the disk, for tests of the compose layer, which may not know the app's reader. */
export function composeFiles(): Reader {
  return {
    readText: (path) => readFile(path, 'utf8').catch(() => undefined),
    kind: async (path) => {
      const facts = await stat(path).catch(() => undefined);
      if (facts === undefined) return undefined;
      return facts.isFile() ? 'file' : facts.isDirectory() ? 'folder' : 'other';
    },
    realPath: (path) => realpath(path).catch(() => path),
  };
}

/** Files below `real`, read as if they stood below `shown`. */
export function movedFiles(real: string, shown: string): Reader {
  const files = composeFiles();
  const to = (path: string) =>
    path === shown || path.startsWith(`${shown}/`) ? real + path.slice(shown.length) : path;
  const back = (path: string) =>
    path === real || path.startsWith(`${real}/`) ? shown + path.slice(real.length) : path;
  return {
    readText: (path, limit) => files.readText(to(path), limit),
    kind: (path) => files.kind(to(path)),
    realPath: async (path) => back(await files.realPath(to(path))),
  };
}

/** Files that exist only in memory, by absolute path. */
export function memoryFiles(files: Readonly<Record<string, string>>): Reader {
  const isFolder = (path: string) => Object.keys(files).some((file) => file.startsWith(`${path}/`));
  return {
    readText: async (path) => files[path],
    kind: async (path) => (files[path] !== undefined ? 'file' : isFolder(path) ? 'folder' : undefined),
    realPath: async (path) => path,
  };
}
