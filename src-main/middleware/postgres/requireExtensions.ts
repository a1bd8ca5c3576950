import { AppFailure } from '#contract/errors.ts';
import type { ClusterMove } from './move.ts';

/** Throws `data.dumpFailed` before anything is moved when the new image lacks an extension or a locale that the data uses. */
export async function requireExtensions(
  { context, source, target }: ClusterMove,
  databases: readonly string[],
): Promise<void> {
  const used = new Map<string, string>();
  for (const database of databases)
    for (const name of await source.query(database, USED)) used.set(name, database);
  const there = new Set(await target.query('postgres', AVAILABLE));
  const missing = [...used].filter(([name]) => !there.has(name));
  if (missing.length === 0) return;
  const names = missing.map(([name, database]) => `${name} (used in ${database})`).join(', ');
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output: names,
    message: `Postgres ${context.target.version.tag}: the image does not have ${names}.`,
    hint: 'Choose an image that brings it, such as the same variant in the new version, or drop the extension first.',
  });
}

const USED = 'SELECT extname FROM pg_extension ORDER BY 1;';
const AVAILABLE = 'SELECT name FROM pg_available_extensions ORDER BY 1;';
