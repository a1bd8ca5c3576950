import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AppFailure, isKind } from '#contract/errors.ts';
import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import type { Engine } from '#engine/engine.ts';
import { ROLE_LABEL, SWITCH_LABEL } from '#middleware/switch/journal.ts';
import type { StepProgress } from '#middleware/switch/world.ts';
import {
  canRunPrivateEngine,
  openPrivateEngine,
  type PrivateEngine,
} from '#support/privateEngine/privateEngine.ts';
import { needImages } from '#support/world.ts';
import { SwitchHarness } from '../../engine/middleware/switchHarness.ts';
import { leftOver, POSTGRES, sql, volumes } from '../../engine/middleware/tornSwitch.ts';

/** From the acceptance of the version switch: the service boots again within so long after a restart. */
const BACK_WITHIN_MS = 10_000;
const ROWS = 100_000;

/** What happens to a carry when the engine is killed under it, or its disk is full: on an engine of the test's own. */
describe.runIf(canRunPrivateEngine() === 'yes')('a carry on an engine of its own', () => {
  let own: PrivateEngine;
  let engine: Engine;
  let stack: SwitchHarness;

  beforeAll(async () => {
    await needImages('postgres:15', 'postgres:17');
    own = await openPrivateEngine({ diskMiB: 2000 });
    await own.loadImages('postgres:15', 'postgres:17');
  });
  afterAll(async () => {
    await own?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    engine = await openEngine(own.endpoint);
    stack = await SwitchHarness.create(engine, 'db', POSTGRES);
    await stack.boot();
    await sql(
      stack,
      `CREATE TABLE bulk AS SELECT g, repeat(md5(g::text), 30) t FROM generate_series(1, ${ROWS}) g`,
    );
    await sql(stack, 'CHECKPOINT');
  });
  afterEach(async () => {
    await stack?.remove();
    await engine?.close();
  });

  /** Runs `work` once, when a step has begun (or, with bytes, when data has begun to move). */
  function when(wanted: (progress: StepProgress) => boolean, work: () => Promise<void>): () => Promise<void> {
    const push = stack.steps.push.bind(stack.steps);
    let done: Promise<void> | undefined;
    stack.steps.push = (...steps) => {
      if (steps.some(wanted)) done ??= work();
      return push(...steps);
    };
    return async () => {
      stack.steps.push = push;
      if (!done) throw new Error('the switch never came to that point');
      await done;
    };
  }

  /** `began`: when going back began, where that is not over yet. The contents are looked at after the clock has stopped. */
  async function wholeAgain(began = performance.now()): Promise<void> {
    const container = await stack.container();
    if (!container) throw new Error('no container is left');
    await stack.ready(container.id, await stack.load());
    expect(performance.now() - began).toBeLessThan(BACK_WITHIN_MS);
    expect(await sql(stack, 'SHOW server_version_num')).toMatch(/^15/);
    expect(await sql(stack, 'SELECT count(*), count(DISTINCT t) FROM bulk')).toBe(`${ROWS}|${ROWS}`);
    expect(await leftOver(engine, stack)).toEqual([]);
    expect(await volumes(engine, stack)).toEqual(['_pgdata']);
  }

  it.each(['stop', 'prepare', 'move', 'verify'] as const)(
    'goes back when the engine is killed at %s',
    async (step) => {
      const killed = when(
        (progress) =>
          progress.step === step &&
          progress.status === 'running' &&
          (step !== 'move' || Boolean(progress.bytes)),
        () => own.kill('SIGKILL'),
      );
      await expect(stack.switchTo('17')).rejects.toThrow();
      await killed();
      await own.start();
      const began = performance.now();
      expect(await stack.recover()).toMatchObject({ type: 'rolledBack' });
      await wholeAgain(began);
    },
  );

  it.each(['source', 'target'] as const)('goes back when its %s is killed', async (role) => {
    const killed = when(
      ({ step, bytes }) => step === 'move' && Boolean(bytes),
      async () => {
        const helpers = await engine.listContainers({
          all: false,
          labels: [SWITCH_LABEL, `${ROLE_LABEL}=${role}`],
        });
        for (const { id } of helpers) await engine.killContainer(id);
      },
    );
    await expect(stack.switchTo('17')).rejects.toMatchObject({
      error: { kind: 'data.dumpFailed', service: 'db' },
    });
    await killed();
    await wholeAgain();
  });

  it.each([
    ['the copy', 0.5],
    ['the restore', 1.4],
  ] as const)('goes back when the disk is full at %s', async (_, times) => {
    const filler = path.join(own.dataFolder, 'filler');
    const filled = when(
      ({ step }) => step === 'stop',
      async () => {
        const { bavail, bsize } = statfsSync(own.dataFolder);
        const { name } = await stack.load();
        const volume = path.join(own.dataFolder, 'volumes', `${name}_pgdata`);
        const [size] = execFileSync('du', ['-s', '--block-size=1', volume]).toString().split('\t');
        execFileSync('fallocate', ['-l', String(Math.floor(bavail * bsize - Number(size) * times)), filler]);
      },
    );
    try {
      const failure = await stack.switchTo('17').catch((thrown: unknown) => thrown);
      await filled();
      expect(isKind(failure, 'data.dumpFailed', 'disk.full')).toBe(true);
      const { message, hint = '' } = (failure as AppFailure).error;
      expect(message + hint).toMatch(/space|disk/i);
      // The disk is as full as it was: going back must not need room.
      await wholeAgain();
    } finally {
      rmSync(filler, { force: true });
    }
  });
});
