import { describe, expect, it } from 'vitest';
import { bytesOnce, LayersHere } from './layersHere.ts';

const here = new LayersHere([['a', 'b', 'c']]);
const layer = (digest: string, sizeBytes = 10) => ({ digest, sizeBytes });

describe('LayersHere', () => {
  it('has a layer only on top of the same layers', () => {
    const layers = [layer('1'), layer('2'), layer('3')];
    expect(here.missingOf({ layers, diffIds: ['a', 'b', 'x'] })).toEqual([layer('3')]);
    expect(here.missingOf({ layers, diffIds: ['a', 'c', 'b'] })).toEqual([layer('2'), layer('3')]);
    expect(here.missingOf({ layers, diffIds: ['a', 'b', 'c'] })).toEqual([]);
  });

  it('counts all where an old manifest does not say which layer is which', () => {
    expect(here.missingOf({ layers: [layer('1'), layer('2')], diffIds: ['a'] })).toHaveLength(2);
  });

  it('weighs a shared layer once', () => {
    expect(bytesOnce([layer('1', 5), layer('2', 7), layer('1', 5)])).toBe(12);
  });
});
