import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CoreStack } from '#support/coreStack.ts';
import { needImages } from '#support/world.ts';

const SOURCE = fileURLToPath(new URL('keeper', import.meta.url));

let stack: CoreStack;
beforeAll(() => needImages('postgres:15'));
beforeEach(async () => {
  stack = await CoreStack.open(SOURCE);
  expect(await stack.boot()).toEqual({ type: 'done' });
});
afterEach(() => stack?.dispose());

async function sql(text: string): Promise<string> {
  const { id } = await stack.inspect('db');
  const command = [
    'psql',
    '-X',
    '-A',
    '-t',
    '-q',
    '-v',
    'ON_ERROR_STOP=1',
    '-U',
    'shop',
    '-d',
    'shop',
    '-c',
    text,
  ];
  const { stdout, stderr } = await stack.engine.exec(id, { command });
  return Buffer.concat([stdout, stderr]).toString().trim();
}

it('rebuilds every index after the sorting library has changed, and records its version', async () => {
  await sql('CREATE TABLE words (w text PRIMARY KEY)');
  const before = await sql(`SELECT pg_relation_filenode('words_pkey')`);
  await sql(`UPDATE pg_database SET datcollversion = '0.1' WHERE datname = 'shop'`);
  const ended = await stack.ended(
    stack.client.versions.reindex({ workspace: stack.workspace, service: 'db' }),
  );
  expect(ended).toEqual({ type: 'done' });
  expect(await sql(`SELECT pg_relation_filenode('words_pkey')`)).not.toBe(before);
  const same = 'SELECT datcollversion = pg_database_collation_actual_version(oid)';
  expect(await sql(`${same} FROM pg_database WHERE datname = 'shop'`)).toBe('t');
});
