import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import { expectService, press, row, runCommand, test } from './support/stack.ts';

test('what was typed in a dialog stays when it cannot be done, and when the toast is closed', async ({
  page,
  openStack,
}) => {
  await openStack('  web: { image: busybox }\n');
  await page.getByRole('navigation').getByRole('button', { name: /^Data/ }).click();
  await page.getByRole('button', { name: 'Import…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import a checkpoint' });
  await dialog.getByRole('textbox').fill('/nowhere/monday.slipway');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  const toast = page.locator('.toast').filter({ hasText: 'Import failed' });
  await expect(toast).toBeVisible();
  await toast.getByRole('button', { name: 'Close' }).click();
  await expect(toast).toHaveCount(0);
  await expect(dialog.getByRole('textbox')).toHaveValue('/nowhere/monday.slipway');
  await expect(dialog.getByRole('button', { name: 'Import', exact: true })).toBeEnabled();
});

test('variables that could not be written are still there to be written again', async ({
  page,
  openStack,
}) => {
  const needed = '$' + '{NEEDED:?which one}';
  const stack = await openStack(`  web: { image: "busybox:${needed}" }\n`);
  await symlink('/nowhere/env', path.join(stack.folder, '.env'));
  await runCommand(page, 'variables');
  const dialog = page.getByRole('dialog', { name: 'Variables' });
  await dialog.getByRole('textbox', { name: 'NEEDED' }).fill('latest');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.toast').filter({ hasText: 'Writing .env failed' })).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'NEEDED' })).toHaveValue('latest');
});

test('a dialog from the palette gives the focus back to what had it before the palette', async ({
  page,
  openStack,
}) => {
  await openStack('  web: { image: busybox }\n');
  await row(page, 'web').click();
  await expect(row(page, 'web')).toBeFocused();
  await runCommand(page, 'show the resolved file');
  await expect(page.getByRole('dialog')).toContainText('busybox');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(row(page, 'web')).toBeFocused();
});

test('the selected service has the focus wherever the list has been scrolled to', async ({
  page,
  openStack,
}) => {
  const names = Array.from({ length: 80 }, (_, index) => `s${String(index).padStart(2, '0')}`);
  await openStack(names.map((name) => `  ${name}: { image: busybox }\n`).join(''));
  await row(page, 's00').click();
  await page.getByRole('grid').hover();
  await page.mouse.wheel(0, 2000);
  await expect(row(page, 's50')).toBeVisible();
  await expect(row(page, 's00')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 's01')).toBeFocused();
  await expect(row(page, 's01')).toBeInViewport();
});

test('keys and double clicks in the output of a failure are for its text', async ({ page, openStack }) => {
  await openStack(`
  app: { image: busybox, command: sh -c 'seq 1 200; echo no config; exit 3' }
  other: { image: busybox, command: sleep 600, stop_grace_period: 1s }
`);
  await press(page, 'Boot');
  await expectService(page, 'app', /exited 3/);
  const output = row(page, 'app').locator('pre');
  await expect(output).toContainText('no config');
  const scrolled = () => output.evaluate((box) => box.scrollTop);
  const end = await scrolled();
  expect(end).toBeGreaterThan(0);
  await output.dblclick();
  await expect(page.getByRole('tab')).toHaveCount(1);
  await expect(output).toBeFocused();
  await page.keyboard.press('Home');
  await expect.poll(scrolled).toBe(0);
  await page.keyboard.press('ArrowDown');
  await expect.poll(scrolled).toBeGreaterThan(0);
  await expect(row(page, 'app')).toHaveAttribute('tabindex', '0');

  // A folder that is clicked twice, before it has been read, is that folder.
  await row(page, 'other').click();
  await page.keyboard.press('f');
  const files = page.getByRole('dialog', { name: 'Files of other' });
  const etc = files.getByRole('button', { name: /^etc/ });
  await expect(etc).toBeVisible();
  await etc.evaluate((button: HTMLElement) => {
    button.click();
    setTimeout(() => button.click());
  });
  await expect(files.getByRole('list', { name: 'Files in /etc' })).toBeVisible();
  await expect(files.getByRole('button', { name: /^passwd/ })).toBeVisible();
  await expect(files.getByRole('textbox', { name: 'Path' })).toHaveValue('/etc');
});

test('the focus stays in the panes when a button or a tab goes', async ({ page, openStack }) => {
  await openStack('  web: { image: busybox }\n');
  await page.getByRole('button', { name: 'follow', exact: true }).click();
  const followOn = page.locator('.dock-note').getByRole('button', { name: 'Follow' });
  await followOn.click();
  await expect(followOn).toHaveCount(0);
  await expect(page.locator('[data-pane="logs"] textarea')).toBeFocused();
  await row(page, 'web').click();
  await page.keyboard.press('Enter');
  const tab = page.getByRole('tab', { name: 'Logs · web' });
  await tab.focus();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('tab', { name: 'Logs · all' })).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('button', { name: 'New pane' })).toBeFocused();
});
