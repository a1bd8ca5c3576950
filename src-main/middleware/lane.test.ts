import { expect, it } from 'vitest';
import { laneVolumeName } from './lane.ts';

it.each([
  ['shop_pgdata', [], 'shop_pgdata--17'],
  ['shop_pgdata--15', [], 'shop_pgdata--17'],
  ['shop_pgdata--10.5', ['shop_pgdata--17'], 'shop_pgdata--17-2'],
  ['shop_pgdata--15-2', [], 'shop_pgdata--17'],
])('names a lane beside %s once, whatever lane it comes from', (base, taken, name) => {
  expect(laneVolumeName(base, '17', new Set(taken))).toBe(name);
});
