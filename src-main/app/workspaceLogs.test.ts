import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#base/clock.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { linesAround } from '#streams/linesAround.ts';
import { eventually } from '#support/eventually.ts';
import { WorkspaceLogs } from './workspaceLogs.ts';

/** A container that writes one line and ends at once; its log takes a moment to open, as an engine's does. */
const SAID = '2026-01-02T03:04:05.600Z it cannot go on\n';
const engine = {
  async openLogs() {
    await systemClock.sleep(20);
    return {
      async *[Symbol.asyncIterator]() {
        yield new TextEncoder().encode(SAID);
      },
      close: () => undefined,
    };
  },
} as Partial<Engine> as Engine;

const startedAt = Date.parse('2026-01-02T03:04:05.500Z');
const one = {
  id: 'a'.repeat(64),
  service: 'quick',
  number: 1,
  tty: true,
  image: 'quick',
  exitCode: 0,
} as unknown as ObservedContainer;
const created: ObservedContainer = { ...one, state: 'created' };
const running: ObservedContainer = { ...one, state: 'running', startedAt };
const exited: ObservedContainer = {
  ...one,
  state: 'exited',
  startedAt,
  finishedAt: startedAt + 101,
  exitCode: 3,
};

let folder: string;
let logs: WorkspaceLogs;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-logs-'));
  const fail = (thrown: unknown) => expect.fail(String(thrown));
  logs = new WorkspaceLogs({
    ...{ folder, clock: systemClock, role: 'collects' },
    ...{ onLearnFailed: fail, onReadFailed: fail },
  });
});
afterEach(async () => {
  await logs.dispose();
  await rm(folder, { recursive: true });
});

async function lines(): Promise<readonly string[]> {
  const { store } = await logs.reading();
  const position = { secs: 0, nanos: 0, block: 0, row: 0 };
  const around = await linesAround(store, { services: [], position, before: 0, after: 10 });
  return around.map(({ text }) => text);
}

test.each([
  ['was seen before it ran', [created]],
  ['was not seen before it had ended', []],
  ['was seen running', [created, running]],
])('the end of a container that %s stands behind what it wrote', async (_, before) => {
  await logs.sync(engine, []);
  for (const picture of before) await logs.sync(engine, [picture]);
  await logs.sync(engine, [exited]);
  await eventually(async () => (await lines()).length === 3);
  expect(await lines()).toEqual(['started', 'it cannot go on', 'exited with code 3']);
});

test('a boot that begins before anything can be written down is in the log', async () => {
  logs.bootBegan();
  await logs.sync(engine, [exited]);
  await eventually(async () => (await lines()).includes('boot began'));
});
