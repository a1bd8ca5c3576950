import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { SWITCH_LABEL } from '#middleware/switch/journal.ts';
import { eventually } from '#support/eventually.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { needImages } from '#support/world.ts';
import { SwitchHarness } from './switchHarness.ts';
import { beginSwitch, expected, leftOver, POSTGRES, runUntil, sql, volumes, Writer } from './tornSwitch.ts';

describe('a switch that is cut off', () => {
  let engine: Engine;
  let stack: SwitchHarness;

  beforeAll(() => needImages('postgres:15', 'postgres:17'));
  beforeEach(async () => {
    engine = await openTestEngine();
    stack = await SwitchHarness.create(engine, 'db', POSTGRES);
    await stack.boot();
    await sql(stack, 'CREATE TABLE numbers (n int); INSERT INTO numbers VALUES (1), (2), (3)');
  });
  afterEach(async () => {
    await stack?.remove();
    await engine?.close();
  });

  // Before the commit and after it; every point, and kills at random: test/soak/switch/torn.test.ts.
  it.each(['step:move', 'journal:committed'] as const)('by a kill at %s', async (point) => {
    const before = await stack.container();
    await runUntil(stack, '17', point);
    const recovery = await stack.recover();
    expect(recovery.type).toBe(expected(point));
    const after = await stack.container();
    if (recovery.type === 'rolledBack') {
      expect(after).toMatchObject({ id: before?.id, name: before?.name, state: 'running' });
      expect(await volumes(engine, stack)).toEqual(['_pgdata']);
      expect(await stack.files().readOverride()).toBeUndefined();
      const { raw } = await engine.inspectContainer(after?.id ?? '');
      expect(raw['HostConfig']).toMatchObject({ RestartPolicy: { Name: 'always' } });
    }
    if (after) await stack.ready(after.id, await stack.load());
    const version = recovery.type === 'finished' ? '17' : '15';
    expect(await sql(stack, 'SHOW server_version_num')).toMatch(new RegExp(`^${version}`));
    expect(await sql(stack, 'SELECT sum(n) FROM numbers')).toBe('6');
    expect(await leftOver(engine, stack)).toEqual([]);
  });

  it('by the death of a helper goes back and says what happened', async () => {
    const before = await stack.container();
    await sql(
      stack,
      'CREATE TABLE bulk AS SELECT g, repeat(md5(g::text), 30) FROM generate_series(1, 60000) g',
    );
    const push = stack.steps.push.bind(stack.steps);
    let killed: Promise<void> | undefined;
    stack.steps.push = (...steps) => {
      if (steps.some((step) => step.step === 'move' && step.bytes)) killed ??= killHelper(engine, stack);
      return push(...steps);
    };
    await expect(stack.switchTo('17')).rejects.toMatchObject({
      error: { kind: 'data.dumpFailed', service: 'db' },
    });
    await killed;
    expect(await stack.container()).toMatchObject({ id: before?.id, name: before?.name, state: 'running' });
    expect(await volumes(engine, stack)).toEqual(['_pgdata']);
    expect(await leftOver(engine, stack)).toEqual([]);
  });

  it('has every write in the new data that was accepted while it ran, from before it to after it', async () => {
    await sql(stack, 'TRUNCATE numbers');
    const writer = new Writer(engine, stack);
    await eventually(() => writer.accepted.length > 0);
    await stack.switchTo('17');
    const before = writer.accepted.length;
    await eventually(() => writer.accepted.length > before);
    await writer.end();
    const found = (await sql(stack, 'SELECT n FROM numbers')).split('\n').map(Number);
    expect(writer.accepted.filter((number) => !found.includes(number))).toEqual([]);
    // In between it was refused; and nothing is there that was not written.
    expect(writer.refused.length).toBeGreaterThan(0);
    const written = new Set([...writer.accepted, ...writer.refused]);
    expect(found.filter((number) => !written.has(number))).toEqual([]);
    expect(found.length).toBe(new Set(found).size);
    expect(await sql(stack, 'SHOW server_version_num')).toMatch(/^17/);
  });

  it('gives way to somebody who starts the service while its data is carried, and loses none of their writes', async () => {
    const before = await stack.container();
    const push = stack.steps.push.bind(stack.steps);
    let written: Promise<void> | undefined;
    stack.steps.push = (...steps) => {
      if (before && steps.some(({ step }) => step === 'move'))
        written ??= startAndWrite(engine, stack, before.id);
      return push(...steps);
    };
    await expect(stack.switchTo('17')).rejects.toMatchObject({ error: { kind: 'run.busy' } });
    await written;
    expect(await stack.container()).toMatchObject({ id: before?.id, name: before?.name, state: 'running' });
    expect(await sql(stack, 'SELECT sum(n) FROM numbers')).toBe('106');
    expect(await volumes(engine, stack)).toEqual(['_pgdata']);
    expect(await leftOver(engine, stack)).toEqual([]);
  });

  it('is taken back after a crash when the old container has run meanwhile', async () => {
    const before = await stack.container();
    await runUntil(stack, '17', 'journal:committed');
    if (before) await startAndWrite(engine, stack, before.id);
    expect(await stack.recover()).toMatchObject({ type: 'rolledBack' });
    const after = await stack.container();
    expect(after).toMatchObject({ id: before?.id, name: before?.name, state: 'running' });
    expect(await sql(stack, 'SELECT sum(n) FROM numbers')).toBe('106');
    expect(await leftOver(engine, stack)).toEqual([]);
  });

  it('is left alone by others while it runs, and by a second switch', async () => {
    const child = beginSwitch(stack, '17');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    for await (const _ of engineTurns(engine)) {
      if ((await stack.files().readJournal('db')) !== undefined) break;
    }
    expect(await stack.recover()).toMatchObject({ type: 'busy' });
    await expect(stack.switchTo('17', 'fresh')).rejects.toMatchObject({ error: { kind: 'run.busy' } });
    expect(await ended).toBe(0);
    expect(await sql(stack, 'SHOW server_version_num')).toMatch(/^17/);
    expect(await leftOver(engine, stack)).toEqual([]);
  });

  it('does not take an override away when the image cannot be had', async () => {
    await stack.files().writeOverride('services: { db: { environment: { KEPT: "1" } } }\n');
    await expect(stack.switchTo('127.0.0.1:1/library/postgres:17')).rejects.toThrow();
    expect(await stack.files().readOverride()).toContain('KEPT');
  });

  it('goes back from a new version that does not start, and does not offer its volume unasked', async () => {
    const before = await stack.container();
    const boot = stack.boot.bind(stack);
    stack.boot = async () => {
      throw new Error('it does not come up');
    };
    await expect(stack.switchTo('17')).rejects.toThrow('it does not come up');
    stack.boot = boot;
    const after = await stack.container();
    expect(after).toMatchObject({ id: before?.id, name: before?.name, state: 'running' });
    await stack.ready(after?.id ?? before?.id ?? ('' as never), await stack.load());
    await sql(stack, 'INSERT INTO numbers VALUES (4)');
    await stack.switchTo('17');
    expect(await sql(stack, 'SELECT sum(n) FROM numbers')).toBe('10');
  });
});

/** What `docker compose up` does with a container that is stopped; then a write like any other. */
async function startAndWrite(engine: Engine, stack: SwitchHarness, id: ContainerId): Promise<void> {
  await engine.startContainer(id);
  await stack.ready(id, await stack.load());
  await sql(stack, 'INSERT INTO numbers VALUES (100)');
}

async function killHelper(engine: Engine, stack: SwitchHarness): Promise<void> {
  const { name } = await stack.load();
  const helpers = await engine.listContainers({ all: false, labels: [SWITCH_LABEL] });
  const target = helpers.find((helper) => helper.name.startsWith(`${name}-db-target`));
  if (target) await engine.killContainer(target.id);
}

/** One turn for each answer of the engine: a wait that is bounded by the test's own time. */
async function* engineTurns(engine: Engine): AsyncIterable<void> {
  for (;;) {
    await engine.info();
    yield;
  }
}
