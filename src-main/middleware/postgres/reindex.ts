import type { Server } from '../profile.ts';
import { listDatabases, majorOf, query } from './psql.ts';

/**
 * Rebuilds every index and records the sorting library's version as it is now: for data that an image with another library
 * (Alpine, another release of Debian, another ICU) has taken over. Until then text may be looked for in the wrong place.
 */
export async function reindexPostgres(
  server: Server,
  { say, signal }: { readonly say: (text: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  for (const database of await listDatabases(server, signal)) {
    say(`database ${database}`);
    // Neither may stand in a transaction with others, and a script on standard input has none around it.
    await query(server, database, `REINDEX DATABASE ${quoted(database)};`, signal);
    if (majorOf(server) < 15) continue;
    const statements = await query(server, database, OUTDATED, signal);
    if (statements.length > 0) await query(server, database, statements.join('\n'), signal);
  }
}

/** Since 15 the server knows which version of the library each database and each collation in use was sorted with. */
const OUTDATED = `
SELECT format('ALTER DATABASE %I REFRESH COLLATION VERSION;', datname) FROM pg_database
  WHERE datname = current_database() AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid);
SELECT format('ALTER COLLATION %I.%I REFRESH VERSION;', n.nspname, c.collname)
  FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
  WHERE c.collversion IS NOT NULL AND c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid);
`;

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
