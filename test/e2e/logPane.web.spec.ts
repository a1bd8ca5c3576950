import { expect, type Locator, type Page } from '@playwright/test';
import { press, runCommand, terminal, test } from './support/stack.ts';

const SERVICES = String.raw`
  shop:
    image: busybox
    stop_grace_period: 1s
    command:
      - sh
      - -c
      - |
        i=0
        while true; do
          i=$$((i+1))
          if [ $$((i%5)) = 0 ]; then s=503; l=error; else s=200; l=info; fi
          printf '{"level":"%s","http":{"status":%s},"msg":"order %s"}\n' $$l $$s $$i
          sleep 0.2
        done
  mail:
    image: busybox
    stop_grace_period: 1s
    command: sh -c 'i=0; while true; do i=$$((i+1)); echo "sent mail $$i"; sleep 0.2; done'
`;

/** Boots, and waits for the first error. */
async function bootShop(page: Page): Promise<Locator> {
  await press(page, 'Boot');
  const logs = terminal(page, 'logs');
  await expect(logs).toContainText(/order \d+[05]"/, { timeout: 60_000 });
  return logs;
}

test('a line opens as fields, fields become columns and filters, and errors are a key away', async ({
  page,
  openStack,
}) => {
  await openStack(SERVICES);
  const logs = await bootShop(page);
  const follow = page.getByRole('button', { name: 'follow', exact: true });
  const line = page.getByRole('complementary', { name: 'The marked line' });
  // A double click lands on a word, and selects it by the way.
  await page.locator('[data-pane="logs"]').dblclick({ position: { x: 300, y: 60 } });
  await expect(line).toBeVisible();
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  await line.getByRole('button', { name: 'Close the line' }).click();
  await page.locator('[data-pane="logs"] textarea').focus();
  await page.keyboard.press('Escape');
  await expect(follow).toHaveAttribute('aria-pressed', 'true');
  await page.locator('[data-pane="logs"]').click({ position: { x: 300, y: 60 } });
  await page.keyboard.press('Shift+E');
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  await page.keyboard.press('e');
  await page.keyboard.press('Enter');
  await expect(line.getByRole('row', { name: /http\.status/ })).toContainText('503');
  await line.getByRole('button', { name: 'Column http.status' }).click();
  await line.getByRole('button', { name: 'Column msg' }).click();
  await expect(page.getByRole('button', { name: 'Take away the column msg' })).toBeVisible();
  await line.getByRole('button', { name: 'Only lines with this http.status' }).click();
  await expect(page.getByRole('button', { name: /Take away the filter http\.status = 503/ })).toBeVisible();
  await expect(logs).toContainText(/503 +order \d*[05]/);
  await expect(logs).not.toContainText('200');
  await expect(logs).not.toContainText('sent mail');
});

test('panes beside each other go to the same time, and a copy has no prefixes', async ({
  page,
  openStack,
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openStack(SERVICES);
  await press(page, 'Boot');
  await expect(terminal(page, 'logs')).toContainText(/sent mail \d+/, { timeout: 60_000 });
  await runCommand(page, 'mail logs');
  await page.getByRole('button', { name: 'Split to the right' }).click();
  await expect(terminal(page, 'logs')).toHaveCount(2);
  const [all, mail] = [page.locator('[data-pane="logs"]').first(), page.locator('[data-pane="logs"]').last()];
  await expect(mail.locator('.xterm-rows')).toContainText('sent mail');
  await all.click({ position: { x: 300, y: 30 } });
  const follow = page.getByRole('button', { name: 'follow', exact: true });
  await expect(follow.last()).toHaveAttribute('aria-pressed', 'false');
  await expect(mail.locator('.xterm-decoration')).toBeAttached();

  // Where it went to may be the very beginning, with marks of the boot above and between the first lines.
  const rows = mail.locator('.xterm-rows > div');
  const texts = await rows.allTextContents();
  const first = texts.findIndex((text, at) =>
    [text, texts[at + 1]].every((row) => row?.includes('sent mail')),
  );
  const box = await rows.nth(first).boundingBox();
  if (box === null) throw new Error('The pane is not on the page.');
  await page.mouse.move(box.x + 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 400, box.y + box.height * 1.5, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.press('ControlOrMeta+c');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^sent mail \d+\nsent mail \d+$/);
});

test('a filter stays as one goes from match to match, and a line is shown among all on request', async ({
  page,
  openStack,
}) => {
  await openStack(SERVICES);
  const logs = await bootShop(page);
  await page.getByRole('button', { name: 'Search in this pane' }).click();
  const find = page.getByRole('search');
  await find.getByRole('textbox', { name: 'Search' }).fill('order 5"');
  // While the search is still on its way: what it finds comes into a pane that is filtered by then.
  await find.getByRole('button', { name: 'only matches' }).click();
  await expect(find.getByRole('status')).toHaveText('1 of 1');
  await expect(logs).toContainText('order 5"');
  await find.getByRole('button', { name: 'Next match' }).click();
  await expect(logs).not.toContainText('sent mail');
  await expect(logs).not.toContainText('order 4"');

  const line = page.getByRole('complementary', { name: 'The marked line' });
  await page.locator('[data-pane="logs"] textarea').focus();
  await page.keyboard.press('Enter');
  await line.getByRole('button', { name: 'Context' }).click();
  await expect(logs).toContainText('order 4"');
  await expect(logs).toContainText('sent mail');
  const filtered = page.getByRole('button', { name: 'filtered', exact: true });
  await expect(filtered).toHaveAttribute('aria-pressed', 'false');
  await filtered.click();
  await expect(logs).not.toContainText('sent mail');
  await expect(logs).toContainText('order 5"');
  await expect(filtered).toHaveAttribute('aria-pressed', 'true');
});
