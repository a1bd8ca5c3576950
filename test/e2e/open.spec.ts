import { expect } from '@playwright/test';
import { test } from './fixtures.ts';
import { makeProject } from './support/project.ts';

test('a folder opens in the window, and is still there after a reload', async ({
  host,
  page,
  openProject,
  world,
}) => {
  await openProject(await makeProject(world, 'openedstack'));
  await expect(page.getByText('openedstack').first()).toBeVisible();
  await expect(page.getByText('web', { exact: true }).first()).toBeVisible();
  await host.reload();
  await expect(page.getByText('openedstack').first()).toBeVisible();
});
