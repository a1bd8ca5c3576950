import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CoreStack } from '#support/coreStack.ts';
import { eventually } from '#support/eventually.ts';
import { needImages } from '#support/world.ts';

const SOURCE = fileURLToPath(new URL('keeper', import.meta.url));

describe('the data of a stack', () => {
  let stack: CoreStack;

  beforeAll(() => needImages('postgres:15', 'postgres:17', 'busybox:1'));
  beforeEach(async () => {
    stack = await CoreStack.open(SOURCE);
    expect(await stack.boot()).toEqual({ type: 'done' });
  });
  afterEach(() => stack?.dispose());

  const data = () => stack.client.data;
  const at = () => ({ workspace: stack.workspace });
  const volume = () => `${stack.name}_pgdata`;
  const sql = async (text: string) => {
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
    const result = await stack.engine.exec(id, { command });
    expect(Buffer.from(result.stderr).toString()).toBe('');
    return Buffer.from(result.stdout).toString().trim();
  };
  const items = () => sql('SELECT name FROM items ORDER BY 1');

  it('can be put back from a checkpoint, and what was there from the bin', async () => {
    await sql("INSERT INTO items VALUES ('in the checkpoint')");
    expect(await stack.ended(data().checkpoint({ ...at(), name: 'before' }))).toEqual({ type: 'done' });
    // Not only once the engine has made its own check again.
    expect(stack.service('db').status).toMatchObject({ type: 'running', health: 'healthy' });
    await sql("INSERT INTO items VALUES ('after it')");
    const [taken] = (await data().view(at())).checkpoints;
    expect(taken).toMatchObject({ name: 'before', volumes: [{ name: volume(), services: ['db'] }] });

    const restored = await stack.ended(data().restore({ ...at(), checkpoint: taken?.id ?? '' }));
    expect(restored).toEqual({ type: 'done' });
    expect(await items()).toBe('from the seed\nin the checkpoint');

    const [kept] = (await data().view(at())).bin;
    expect(kept).toMatchObject({ reason: 'restore', volumes: [{ name: volume() }] });
    expect(await stack.ended(data().restore({ ...at(), checkpoint: kept?.id ?? '' }))).toEqual({
      type: 'done',
    });
    expect(await items()).toBe('after it\nfrom the seed\nin the checkpoint');
  });

  it('goes into the bin with down and its volumes, and comes back', async () => {
    await sql("INSERT INTO items VALUES ('worth keeping')");
    const consents = [`remove-volume:${volume()}`];
    expect(await stack.ended(stack.client.stack.down({ ...at(), volumes: true, consents }))).toEqual({
      type: 'done',
    });
    expect(await stack.engine.inspectVolume(volume())).toBeUndefined();
    const [kept] = (await data().view(at())).bin;
    expect(kept).toMatchObject({ reason: 'down' });
    expect(await stack.ended(data().restore({ ...at(), checkpoint: kept?.id ?? '' }))).toEqual({
      type: 'done',
    });
    expect(await stack.boot()).toEqual({ type: 'done' });
    expect(await items()).toBe('from the seed\nworth keeping');
  });

  it('is reset to its init scripts, or to a checkpoint that is the seed, and nobody else is', async () => {
    await stack.edit('compose.yaml', (text) =>
      text
        .replace('command: ["sleep", "3600"]', '$&\n    volumes: [pages:/pages]')
        .replace('volumes: { pgdata: {} }', 'volumes: { pgdata: {}, pages: {} }'),
    );
    await stack.client.project.reload(at());
    expect(await stack.boot()).toEqual({ type: 'done' });
    await sql("INSERT INTO items VALUES ('rubbish')");
    expect(await stack.ended(data().reset({ ...at(), service: 'db' }))).toEqual({ type: 'done' });
    expect(await items()).toBe('from the seed');
    await sql("INSERT INTO items VALUES ('our own seed')");
    await stack.ended(data().checkpoint({ ...at(), name: 'seed', seed: true }));
    await sql('DELETE FROM items');
    const web = (await stack.inspect('web')).id;
    await stack.engine.exec(web, { command: ['touch', '/pages/written since'] });
    const [seed] = (await data().view(at())).checkpoints;
    const reset = data().reset({ ...at(), service: 'db', checkpoint: seed?.id ?? '' });
    expect(await stack.ended(reset)).toEqual({ type: 'done' });
    expect(await items()).toBe('from the seed\nour own seed');
    expect(seed?.volumes.map(({ name }) => name).sort()).toEqual([`${stack.name}_pages`, volume()]);
    expect((await stack.inspect('web')).id).toBe(web);
    const { stdout } = await stack.engine.exec(web, { command: ['ls', '/pages'] });
    expect(Buffer.from(stdout).toString()).toBe('written since\n');
  });

  it('is there again after a checkpoint that was killed: what it had stopped is started', async () => {
    const { id, startedAt = 0 } = await stack.inspect('db');
    await stack.client.project.close(at());
    const events = await stack.engine.openEvents({ labels: ['com.docker.compose.service=db'] });
    const command = stack.command('checkpoint');
    for await (const { action, id: who } of events) if (who === id && action === 'die') break;
    command.kill('SIGKILL');
    await once(command, 'exit');
    expect((await stack.inspect('db')).state).toBe('exited');
    await stack.reopen();
    await eventually(() => stack.service('db').status.type === 'running', { limitMs: 30_000 });
    // It runs before it answers: only then has what starts it again ended.
    await eventually(() => stack.workspaceRecord()?.activeRun === undefined, { limitMs: 30_000 });
    const again = await stack.inspect('db');
    expect([again.id, (again.startedAt ?? 0) > startedAt]).toEqual([id, true]);
    expect(await items()).toBe('from the seed');
    await expect(stat(stack.file('.slipway/stopped.json'))).rejects.toThrow('ENOENT');
    expect(await stack.ended(data().checkpoint(at()))).toEqual({ type: 'done' });
  });

  it('travels in one file, and a damaged file is refused before anything goes', async () => {
    await sql("INSERT INTO items VALUES ('sent')");
    await stack.ended(data().checkpoint({ ...at(), name: 'to send' }));
    const [taken] = (await data().view(at())).checkpoints;
    const file = stack.file('sent.checkpoint');
    const { bytes } = await data().exportCheckpoint({ ...at(), checkpoint: taken?.id ?? '', file });
    expect((await stat(file)).size).toBe(bytes);
    await sql('DELETE FROM items');
    const received = await data().importCheckpoint({ ...at(), file });
    expect(await stack.ended(data().restore({ ...at(), checkpoint: received.id }))).toEqual({ type: 'done' });
    expect(await items()).toBe('from the seed\nsent');

    const torn = await readFile(file);
    torn[Math.floor(torn.length / 2)] = (torn[Math.floor(torn.length / 2)] ?? 0) ^ 0xff;
    await writeFile(file, torn);
    const damaged = await data().importCheckpoint({ ...at(), file });
    const before = await stack.inspect('db');
    const status = await stack.ended(data().restore({ ...at(), checkpoint: damaged.id }));
    expect(status).toMatchObject({ type: 'failed', error: { kind: 'data.dumpFailed' } });
    expect((await stack.inspect('db')).id).toBe(before.id);
    await writeFile(file, torn.subarray(0, torn.length - 4096));
    await expect(data().importCheckpoint({ ...at(), file })).rejects.toThrow();
  });

  it('of another version is a choice and not a crash: carry it', async () => {
    await sql("INSERT INTO items VALUES ('by 15')");
    await stack.edit('compose.yaml', (text) => text.replace('postgres:15', 'postgres:17'));
    await stack.client.project.reload(at());
    expect((await stack.boot()).type).toBe('failed');
    const failure = await eventually(() => stack.service('db').failure);
    expect(failure.rule).toBe('data.version');
    expect(failure.fixes.map(({ id }) => id)).toEqual(['data.carry', 'data.resume', 'data.fresh', 'retry']);
    const fix = stack.client.stack.fix({ ...at(), service: 'db', fix: 'data.carry' });
    expect(await stack.ended(fix)).toEqual({ type: 'done' });
    expect(await sql('SHOW server_version_num')).toMatch(/^17/);
    expect(await items()).toBe('by 15\nfrom the seed');
    expect(await stack.boot()).toEqual({ type: 'done' });
  });
});
