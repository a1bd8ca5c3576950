import { describe, expect, it } from 'vitest';
import { containerName, isProjectName, normalizeProjectName } from './names.ts';

describe('project names', () => {
  it.each([
    ['My Shop', 'myshop'],
    ['__internal', 'internal'],
    ['-a_b-c9', 'a_b-c9'],
    ['Ünïcode!', 'ncode'],
    ['...', ''],
  ])('%j becomes %j', (text, name) => {
    expect(normalizeProjectName(text)).toBe(name);
  });

  it('are taken from the user only as they stand', () => {
    expect(isProjectName('shop-2')).toBe(true);
    expect(isProjectName('Shop')).toBe(false);
    expect(isProjectName('')).toBe(false);
  });

  it('lead to the names of containers, unless the file names them', () => {
    expect(containerName('shop', 'web', { number: 2 })).toBe('shop-web-2');
    expect(containerName('shop', 'web', { number: 1, containerName: 'front' })).toBe('front');
  });
});
