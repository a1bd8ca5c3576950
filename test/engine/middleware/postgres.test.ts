import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { needImages } from '#support/world.ts';
import { INDEPENDENT, SCHEMA } from './postgresSchema.ts';
import { SwitchHarness } from './switchHarness.ts';

const COMPOSE = `
services:
  db:
    image: postgres:13
    environment: { POSTGRES_PASSWORD: secret, POSTGRES_USER: shop, POSTGRES_DB: shop }
    volumes: [pgdata:/var/lib/postgresql/data]
volumes: { pgdata: {} }
`;

const psql = ['psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'shop', '-d', 'shop', '-f', '-'];

/** Five carries, each with two servers to start: long on a busy machine. */
const LIMIT_MS = 300_000;

const LOGIN = `PGPASSWORD=sésame psql -X -A -t -h "$(hostname -i)" -U app -d second -c 'SELECT current_user'`;

describe('a switch of Postgres', () => {
  let engine: Engine;
  let stack: SwitchHarness;

  beforeAll(async () => {
    await needImages('postgres:13', 'postgres:15', 'postgres:17', 'postgres:18');
    engine = await openTestEngine();
    stack = await SwitchHarness.create(engine, 'db', COMPOSE);
    await stack.boot();
    await stack.exec(psql, SCHEMA);
  });
  afterAll(async () => {
    await stack?.remove();
    await engine?.close();
  });

  it(
    'carries everything through 15, 17, 18 and back to 13, and returns to a lane as it was left',
    async () => {
      const before = (await stack.exec(psql, INDEPENDENT)).replace(/ticket.*/, '');
      for (const version of ['15', '17', '18']) {
        await stack.switchTo(version);
        expect(await stack.exec([...psql.slice(0, -2), '-c', 'SHOW server_version_num'])).toMatch(
          new RegExp(`^${version}`),
        );
        expect((await stack.exec(psql, INDEPENDENT)).replace(/ticket.*/, '')).toBe(before);
        // As applications do: with a password that the old version may have stored as MD5.
        expect(await stack.exec(['sh', '-c', LOGIN])).toBe('app\n');
      }
      await stack.exec(psql, `INSERT INTO plain VALUES (2, 'written on 18');`);
      await stack.switchTo('13', 'carry');
      expect(await stack.exec([...psql.slice(0, -2), '-c', 'SELECT count(*) FROM plain'])).toBe('3\n');
      await stack.switchTo('15');
      expect(await stack.exec([...psql.slice(0, -2), '-c', 'SELECT count(*) FROM plain'])).toBe('2\n');
    },
    LIMIT_MS,
  );

  it('leaves the old container running on its data when the carry fails', async () => {
    const before = await stack.container();
    const controller = new AbortController();
    const push = stack.steps.push.bind(stack.steps);
    stack.steps.push = (...steps) => {
      if (steps.some((step) => step.step === 'move')) controller.abort();
      return push(...steps);
    };
    await expect(stack.switchTo('17', 'carry', controller.signal)).rejects.toMatchObject({
      error: { kind: 'cancelled' },
    });
    stack.steps.push = push;
    const after = await stack.container();
    expect(after).toMatchObject({ id: before?.id, name: before?.name, state: 'running' });
    expect(await stack.files().readJournal('db')).toBeUndefined();
    const helpers = await engine.listContainers({ all: true, labels: ['dev.slipway.switch'] });
    expect(helpers.filter((helper) => helper.name.startsWith(before?.name.slice(0, 10) ?? ''))).toEqual([]);
  });
});
