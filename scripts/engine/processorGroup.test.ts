import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupOnProcessors } from './processorGroup.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-groups-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a daemon is put into a group of its own below the first root that is there', () => {
  const root = path.join(folder, 'cpu,cpuacct');
  mkdirSync(root);
  writeFileSync(path.join(root, 'cpu.shares'), '1024\n');
  groupOnProcessors(4711, [path.join(folder, 'cpu'), root]);
  expect(readFileSync(path.join(root, 'slipway-engine/cgroup.procs'), 'utf8')).toBe('4711');
});

test('nothing is written where there are no such groups, and nothing is said where they may not be changed', () => {
  groupOnProcessors(4711, [path.join(folder, 'cpu')]);
  const barred = path.join(folder, 'barred');
  mkdirSync(barred);
  writeFileSync(path.join(barred, 'cpu.shares'), '1024\n');
  writeFileSync(path.join(barred, 'slipway-engine'), 'a file where the group would be');
  expect(() => groupOnProcessors(4711, [barred])).not.toThrow();
});
