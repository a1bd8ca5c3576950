import { AppFailure } from '#contract/errors.ts';
import type { CarryContext } from '../profile.ts';
import { query } from './psql.ts';

/** Throws `data.dumpFailed` before anything is moved when the new image lacks an extension or a locale that the data uses. */
export async function requireExtensions(
  { source, target, signal }: CarryContext,
  databases: readonly string[],
): Promise<void> {
  const used = new Map<string, string>();
  for (const database of databases)
    for (const name of await query(source, database, USED, signal)) used.set(name, database);
  const there = new Set(await query(target, 'postgres', AVAILABLE, signal));
  const missing = [...used].filter(([name]) => !there.has(name));
  if (missing.length === 0) return;
  const names = missing.map(([name, database]) => `${name} (used in ${database})`).join(', ');
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output: names,
    message: `Postgres ${target.version.tag}: the image does not have ${names}.`,
    hint: 'Choose an image that brings it, such as the same variant in the new version, or drop the extension first.',
  });
}

const USED = 'SELECT extname FROM pg_extension ORDER BY 1;';
const AVAILABLE = 'SELECT name FROM pg_available_extensions ORDER BY 1;';
