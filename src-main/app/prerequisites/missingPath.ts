import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { PrerequisiteFix } from '#contract/prerequisites.ts';

/** How projects mark a file that is to be copied and filled in: `app.conf.example`, `app.example.conf`, `example.app.conf`. */
const EXAMPLE =
  /[._-](?:example|sample|template|dist|default)(?=$|[._-])|^(?:example|sample|template|default)[._-]/i;

export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

export async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

/** The file beside a missing one that shows what should stand in it. */
export async function exampleOf(file: string): Promise<string | undefined> {
  const names = await readdir(path.dirname(file)).catch(() => []);
  const wanted = path.basename(file);
  return names.sort().find((name) => name !== wanted && name.replace(EXAMPLE, '') === wanted);
}

/** `init.sql`, `.env`, `nginx.conf`: a name that only a file has. A folder such as `conf.d` ends in a letter alone. */
export function looksLikeFile(file: string): boolean {
  return /[^/]\.(?!d$)[A-Za-z][\w-]{0,9}$/.test(file) || /^\.\w*(env|rc)$/.test(path.basename(file));
}

/** What can be done about a file that is not there. */
export async function fileFixes(file: string): Promise<PrerequisiteFix[]> {
  const example = await exampleOf(file);
  const empty = { id: 'empty', label: 'Make it, empty' };
  return example === undefined ? [empty] : [{ id: 'copy', label: `Copy ${example}` }, empty];
}
