import path from 'node:path';

/**
 * The folder that the app was started with, absolute; undefined where none was. `fromSource`: started as
 * `electron <app> [folder]`, where the first word is the app itself. Words with a dash are Chromium's.
 */
export function folderArgument(
  argv: readonly string[],
  { cwd, fromSource }: { readonly cwd: string; readonly fromSource: boolean },
): string | undefined {
  const words = argv.slice(1).filter((word) => !word.startsWith('-'));
  const folder = words[fromSource ? 1 : 0];
  return folder === undefined ? undefined : path.resolve(cwd, folder);
}
