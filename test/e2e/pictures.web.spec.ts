import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { freePort } from '../support/freePort.ts';
import { press, row, runCommand, test } from './support/stack.ts';
import { ROOT } from './support/world.ts';

/**
 * The pictures of the README: the shop of examples/, really booted. `SLIPWAY_PICTURES=docs/screenshots` puts them there;
 * without it they lie beside the other results, and a run changes no file of the checkout.
 */
const FOLDER = path.join(ROOT, process.env['SLIPWAY_PICTURES'] ?? 'test-results/pictures');
const BOOT_LIMIT_MS = 300_000;

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: path.join(FOLDER, `${name}.png`), animations: 'disabled' });
}

test('the shop boots, and its pictures are taken', async ({ page, world, openProject, stacks }) => {
  test.setTimeout(BOOT_LIMIT_MS + 120_000);
  await page.setViewportSize({ width: 1280, height: 800 });
  const folder = path.join(world.folder, 'corner-shop');
  // What an earlier use of the example decided stays behind.
  const filter = (source: string) => path.basename(source) !== '.slipway';
  await cp(path.join(ROOT, 'examples', 'shop'), folder, { recursive: true, filter });
  const file = path.join(folder, 'compose.yaml');
  // A name and ports of its own: a shop that runs already is somebody's.
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^name: .*$/m, 'name: corner-shop'));
  const [gateway, postgres] = [await freePort(), await freePort()];
  await writeFile(path.join(folder, '.env'), `GATEWAY_PORT=${gateway}\nPOSTGRES_PORT=${postgres}\n`);
  stacks.push('corner-shop');
  await expect(page.locator('#root > *').first()).toBeVisible();
  await openProject(folder);
  await runCommand(page, 'theme: dark');
  await press(page, 'Boot');
  await expect(page.getByRole('banner')).toContainText(/(\d+) of \1 ready · booted in/, {
    timeout: BOOT_LIMIT_MS,
  });
  const answer = await fetch(`http://127.0.0.1:${gateway}/`);
  expect(answer.status).toBe(200);
  // Half a minute of figures, so that there is something to see.
  const points = () => row(page, 'gateway').locator('polyline').getAttribute('points');
  await expect
    .poll(async () => (await points())?.split(' ').length ?? 0, { timeout: 90_000 })
    .toBeGreaterThan(20);
  await take(page, 'home-dark');
  await runCommand(page, 'theme: light');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await take(page, 'home-light');
  await runCommand(page, 'theme: dark');
  await page.getByRole('navigation').getByRole('button', { name: /^Boot/ }).click();
  await expect(page.getByRole('heading', { name: /to ready/ })).toBeVisible();
  await take(page, 'boot-dark');
  await page
    .getByRole('navigation')
    .getByRole('button', { name: /^Stack/ })
    .click();
  await row(page, 'postgres')
    .getByRole('button', { name: /change the version/ })
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('option', { name: /^17/ }).click();
  await expect(dialog.getByRole('radio').first()).toBeVisible();
  await take(page, 'versions-dark');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  // What everybody does once: a new password for a database that was made with the old one.
  await appendFile(path.join(folder, '.env'), 'POSTGRES_PASSWORD=another\n');
  await press(page, 'Boot');
  await expect(page.getByRole('heading', { name: /password is not the one/ }).first()).toBeVisible({
    timeout: BOOT_LIMIT_MS,
  });
  await take(page, 'failed-dark');
});
