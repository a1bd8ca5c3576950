import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunId, ServiceName } from '#contract/ids.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';
import { fileStore } from '#disk/fileStore.ts';
import { BootHistory, usualBootMs } from './history.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-history-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function boot(number: number, totalMs: number, checkMs = 100): BootTimeline {
  const spans = [{ phase: 'check' as const, fromMs: 0, toMs: checkMs }];
  return {
    run: `run-${number}` as RunId,
    startedAt: number,
    totalMs,
    outcome: 'done',
    services: [{ service: 'db' as ServiceName, spans }],
    criticalPath: ['db' as ServiceName],
  };
}

test('boots are kept over a restart, newest first, fifty at most', async () => {
  const history = new BootHistory(fileStore(folder));
  for (let number = 1; number <= 60; number += 1) await history.add('shop', boot(number, 100));
  const kept = await new BootHistory(fileStore(folder)).list('shop');
  expect(kept).toHaveLength(50);
  expect(kept[0]?.run).toBe('run-60');
}, 60_000);

test('two boots written at once are both kept', async () => {
  const history = new BootHistory(fileStore(folder));
  await Promise.all([history.add('shop', boot(1, 100)), history.add('shop', boot(2, 100))]);
  expect(await history.list('shop')).toHaveLength(2);
});

test('what another process has written meanwhile is kept', async () => {
  const [window, command] = [new BootHistory(fileStore(folder)), new BootHistory(fileStore(folder))];
  await window.add('shop', boot(1, 100));
  await command.add('shop', boot(2, 100));
  const kept = await window.add('shop', boot(3, 100));
  expect(kept.map(({ run }) => run)).toEqual(['run-3', 'run-2', 'run-1']);
});

test('projects do not see each other’s boots, whatever they are called', async () => {
  const history = new BootHistory(fileStore(folder));
  await history.add('../../etc/passwd', boot(1, 100));
  expect(await history.list('other')).toEqual([]);
  expect(await readdir(folder)).toEqual(['boots-.._.._etc_passwd.json']);
});

test('a broken file counts as no history and is replaced', async () => {
  await writeFile(path.join(folder, 'boots-shop.json'), '{"boots": [{"totalMs": "x"}, 3');
  const history = new BootHistory(fileStore(folder));
  expect(await history.list('shop')).toEqual([]);
  await history.add('shop', boot(1, 100));
  expect(await new BootHistory(fileStore(folder)).list('shop')).toHaveLength(1);
});

test('the usual time is the middle of the last boots, from the third on', () => {
  expect(usualBootMs([boot(1, 4_000), boot(2, 9_000)])).toBeUndefined();
  expect(usualBootMs([boot(1, 4_000), boot(2, 90_000), boot(3, 3_000)])).toBe(4_000);
  const failed = { ...boot(4, 1), outcome: 'failed' as const };
  const nothing = { ...boot(5, 2), services: [] };
  expect(usualBootMs([failed, nothing, boot(1, 4_000), boot(2, 5_000), boot(3, 3_000), boot(6, 6_000)])).toBe(
    4_500,
  );
});
