import { expect, test } from 'vitest';
import { joinPath, parentPath, targetOf } from './useContainerFiles.ts';

const link = (target: string) =>
  ({ name: 'l', type: 'link', target, sizeBytes: 0, mode: 0o777, modified: 0, user: '0:0' }) as const;

test('paths are put together and taken apart', () => {
  expect([joinPath('/', 'etc'), joinPath('/etc', 'hosts')]).toEqual(['/etc', '/etc/hosts']);
  expect([parentPath('/etc/hosts'), parentPath('/etc'), parentPath('/')]).toEqual(['/etc', '/', '/']);
});

test('a link leads where it points, seen from its folder, and never above the root', () => {
  expect(targetOf('/var', link('../run/./x'))).toBe('/run/x');
  expect(targetOf('/var', link('/etc/hosts'))).toBe('/etc/hosts');
  expect(targetOf('/var', link('../../../etc'))).toBe('/etc');
  expect(targetOf('/var', { ...link('x'), type: 'file' })).toBe('/var/l');
});
