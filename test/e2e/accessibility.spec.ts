import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { expectService, press, row, runCommand, test } from './support/stack.ts';

/** What axe finds, one line each; nothing is the only right answer. */
async function findings(page: Page): Promise<string[]> {
  // Terminals draw text of containers in colours of containers; xterm lifts their contrast itself.
  // Electron opens no blank page for axe to collect results in; the legacy mode needs none.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).exclude('.xterm');
  const { violations } = await axe.analyze();
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`));
}

const MIXED = `
  cache: { image: redis:7.0, ports: ["127.0.0.1::6379"] }
  broken: { image: busybox, command: sh -c 'echo no config; exit 3' }
  waiting:
    image: nginx:1.26
    depends_on: { broken: { condition: service_completed_successfully } }
`;

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any screen, ${theme}`, async ({ page, openStack }) => {
    await expect(page.locator('#root > *').first()).toBeVisible();
    await expect(page.getByRole('button', { name: /Open a folder/ })).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await openStack(MIXED);
    await runCommand(page, `theme: ${theme}`);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    await press(page, 'Boot');
    await expectService(page, 'broken', /exited 3/);
    await expectService(page, 'cache', 'running for');
    await expect(page.getByRole('banner').getByRole('button', { name: 'Retry' })).toBeVisible({
      timeout: 60_000,
    });
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Graph' }).click();
    await expect(page.locator('.react-flow__node')).toHaveCount(3);
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Graph' }).click();
    for (const screen of [/^Boot/, /^Versions/, /^Builds/, /^Production/, /^Data/, /^Memory/, /^Doctor/]) {
      await page.getByRole('navigation').getByRole('button', { name: screen }).click();
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      expect(await findings(page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Settings' }).click();
    expect(await findings(page)).toEqual([]);
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^Stack/ })
      .click();
    await page.keyboard.press('ControlOrMeta+Shift+P');
    await expect(page.getByRole('combobox')).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await row(page, 'cache').click();
    await page.keyboard.press('d');
    await expect(page.getByRole('dialog')).toContainText('redis:7.0');
    expect(await findings(page)).toEqual([]);
  });
}
