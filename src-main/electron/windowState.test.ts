import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isReachable, WindowStateFile } from './windowState.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const bounds = { x: 100, y: 50, width: 1280, height: 820 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-window-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a window comes back where it was', () => {
  new WindowStateFile(folder).write({ bounds, maximized: true });
  expect(new WindowStateFile(folder).read([screen])).toEqual({ bounds, maximized: true });
});

test('a window whose screen is gone comes back on one that is there', () => {
  new WindowStateFile(folder).write({ bounds: { ...bounds, x: 2_500 }, maximized: false });
  expect(new WindowStateFile(folder).read([screen])).toEqual({ maximized: false, bounds: undefined });
});

test.each(['not json', '{"window":{"bounds":{"x":"a","y":0,"width":1,"height":1},"maximized":"yes"}}', '{}'])(
  'a broken file is a first start: %s',
  (text) => {
    writeFileSync(path.join(folder, 'window.json'), text);
    expect(new WindowStateFile(folder).read([screen])).toEqual({ maximized: false, bounds: undefined });
  },
);

test('a window is reachable where enough of its title bar is on a screen', () => {
  expect(isReachable({ ...bounds, x: -1_200 }, [screen])).toBe(true);
  expect(isReachable({ ...bounds, x: -1_250 }, [screen])).toBe(false);
  expect(isReachable({ ...bounds, y: -10 }, [screen])).toBe(false);
  expect(isReachable({ ...bounds, y: 1_050 }, [screen])).toBe(false);
  expect(isReachable({ ...bounds, x: 2_000 }, [screen, { ...screen, x: 1_920 }])).toBe(true);
});
