import { expect, test } from 'vitest';
import { folderArgument } from './folderArgument.ts';

test.each([
  ['a packaged app without a word', ['/opt/slipway'], false, undefined],
  ['a packaged app with a folder', ['/opt/slipway', 'shop'], false, '/home/me/shop'],
  ['an absolute folder', ['/opt/slipway', '/srv/shop'], false, '/srv/shop'],
  ['switches of Chromium before it', ['/opt/slipway', '--no-sandbox', 'shop'], false, '/home/me/shop'],
  ['a checkout without a folder', ['electron', '.'], true, undefined],
  ['a checkout with one', ['electron', '--inspect=0', '.', 'shop'], true, '/home/me/shop'],
])('%s', (_name, argv, fromSource, folder) => {
  expect(folderArgument(argv, { cwd: '/home/me', fromSource })).toBe(folder);
});
