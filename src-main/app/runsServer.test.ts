import { expect, test } from 'vitest';
import { runsServer } from './runsServer.ts';

const words = (text: string) => text.split(' ');

test.each([
  ['postgres -c max_connections=200'],
  ['-c max_connections=200'],
  ['redis-server --requirepass x'],
  ['sh -c exec redis-server --requirepass $PASS'],
  ['docker-entrypoint.sh mysqld --sql-mode='],
  ['nginx -g daemon off;'],
  ['sh -c postgres'],
  ['bash -lc /usr/lib/postgresql/15/bin/postgres'],
  ['gosu postgres postgres'],
])('%s runs the server', (command) => expect(runsServer({ command: words(command) })).toBe(true));

test.each([
  ['pg_dump -h db shop'],
  ['sh -c psql postgres://shop@db/shop -c "select 1" && sleep 1000'],
  ['sh -c psql postgres://shop@db/postgres -c "select 1"'],
  ['psql -h db -U postgres -c "select 1"'],
  ['redis-cli -h cache monitor'],
  ['sleep infinity'],
])('%s is a client', (command) => expect(runsServer({ command: words(command) })).toBe(false));

test('what the image does by itself is its server; another entrypoint is not', () => {
  expect(runsServer({})).toBe(true);
  expect(runsServer({ entrypoint: ['/backup.sh'] })).toBe(false);
  expect(runsServer({ entrypoint: ['/docker-entrypoint.sh'], command: ['postgres'] })).toBe(true);
});
