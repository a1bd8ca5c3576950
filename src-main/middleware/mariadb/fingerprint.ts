import type { FingerprintOptions, Server } from '../profile.ts';
import { grantsOf, listAccounts, listDatabases, listRoles, query } from './client.ts';

/** The same lines for the same content on every version: objects, users, grants, and a count and checksum per table. */
export async function fingerprintMariadb(
  server: Server,
  { signal }: FingerprintOptions,
): Promise<readonly string[]> {
  const lines = [...(await query(server, OBJECTS, signal)), ...(await grants(server, signal))];
  for (const database of await listDatabases(server, signal)) {
    lines.push(...(await rows(server, database, signal)));
  }
  return lines.sort();
}

const OWN = `NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')`;

/** Collations are compared by family, since an older server may not know the newer one's. */
const OBJECTS = `
SELECT CONCAT_WS(' ', 'column', c.table_schema, c.table_name, c.column_name, c.ordinal_position, c.column_type, c.is_nullable,
  c.column_default, c.character_set_name, c.column_key, c.extra)
  FROM information_schema.columns c WHERE c.table_schema ${OWN};
SELECT CONCAT_WS(' ', 'table', table_schema, table_name, table_type, engine, table_comment, auto_increment)
  FROM information_schema.tables WHERE table_schema ${OWN};
SELECT CONCAT_WS(' ', 'index', table_schema, table_name, index_name, non_unique, seq_in_index, column_name, sub_part, index_type)
  FROM information_schema.statistics WHERE table_schema ${OWN};
SELECT CONCAT_WS(' ', 'foreign key', constraint_schema, table_name, constraint_name, referenced_table_name, update_rule, delete_rule)
  FROM information_schema.referential_constraints WHERE constraint_schema ${OWN};
SELECT CONCAT_WS(' ', 'routine', routine_schema, routine_name, routine_type, MD5(routine_definition), definer)
  FROM information_schema.routines WHERE routine_schema ${OWN};
SELECT CONCAT_WS(' ', 'trigger', trigger_schema, trigger_name, event_manipulation, event_object_table, action_timing, MD5(action_statement))
  FROM information_schema.triggers WHERE trigger_schema ${OWN};
SELECT CONCAT_WS(' ', 'event', event_schema, event_name, event_type, interval_value, interval_field, status, MD5(event_definition))
  FROM information_schema.events WHERE event_schema ${OWN};
SELECT CONCAT_WS(' ', 'view', table_schema, table_name, is_updatable, definer, security_type)
  FROM information_schema.views WHERE table_schema ${OWN};
`;

async function grants(server: Server, signal?: AbortSignal): Promise<readonly string[]> {
  const lines: string[] = [];
  const roles = await listRoles(server, signal);
  for (const account of [...roles, ...(await listAccounts(server, signal))]) {
    lines.push(...(await grantsOf(server, account, signal)).map((grant) => `grant ${grant}`));
  }
  return lines;
}

/** Each row is reduced to a number inside the server; the sum does not depend on the order of rows. */
async function rows(server: Server, database: string, signal?: AbortSignal): Promise<readonly string[]> {
  const statements = await query(server, rowStatements(database), signal);
  return statements.length === 0
    ? []
    : query(server, `SET SESSION time_zone = '+00:00';\n${statements.join('\n')}`, signal);
}

function rowStatements(database: string): string {
  const schema = database.replaceAll("'", "''");
  return `
SET SESSION group_concat_max_len = 16777216;
SELECT CONCAT('SELECT CONCAT(', QUOTE(CONCAT('rows ', c.table_schema, '.', c.table_name, ' ')), ', COUNT(*), '' '', ',
  'COALESCE(SUM(CAST(CONV(LEFT(MD5(CONCAT_WS(''#'', ',
  GROUP_CONCAT(CONCAT('COALESCE(HEX(\`', REPLACE(c.column_name, '\`', '\`\`'), '\`), ''null'')') ORDER BY c.ordinal_position SEPARATOR ', '),
  ')), 12), 16, 10) AS UNSIGNED)), 0)) FROM \`', REPLACE(c.table_schema, '\`', '\`\`'), '\`.\`', REPLACE(c.table_name, '\`', '\`\`'), '\`;')
  FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
  WHERE c.table_schema = '${schema}' AND t.table_type = 'BASE TABLE' GROUP BY c.table_schema, c.table_name ORDER BY c.table_name;
`;
}
