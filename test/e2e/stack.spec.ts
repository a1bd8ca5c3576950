import { expect } from '@playwright/test';
import { expectService, press, row, runCommand, terminal, test } from './support/stack.ts';

const CHAIN = `
  store:
    image: redis:7.0
    healthcheck: { test: [CMD, redis-cli, ping], interval: 30s }
  migrate:
    image: busybox
    command: sh -c 'sleep 3; echo migrated'
    init: true
    depends_on: { store: { condition: service_healthy } }
  web:
    image: nginx:1.26
    ports: ["127.0.0.1::80"]
    depends_on: { migrate: { condition: service_completed_successfully } }
`;

test('a stack is booted, watched and stopped from the window', async ({ page, openStack }) => {
  await openStack(CHAIN);
  await expectService(page, 'web', 'not created');
  await press(page, 'Boot');
  await expectService(page, 'web', 'waits for migrate: done');
  await expectService(page, 'migrate', 'done · exited 0');
  await expectService(page, 'store', 'healthy for');
  await expectService(page, 'web', 'running for');
  await expect(page.getByRole('banner')).toContainText(/3 of 3 ready · booted in/, { timeout: 30_000 });
  await expect(row(page, 'web').getByRole('link', { name: /Open http/ })).toBeVisible();
  await expect(row(page, 'store')).toContainText(/\d+ [kM]B/, { timeout: 30_000 });

  await page.getByRole('navigation').getByRole('button', { name: /^Boot/ }).click();
  await expect(page.getByRole('heading', { name: /to ready/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /^web: .*waits/ })).toBeVisible();

  await page
    .getByRole('navigation')
    .getByRole('button', { name: /^Stack/ })
    .click();
  await press(page, 'Stop');
  await expectService(page, 'web', /stopped .* ago/);
  await runCommand(page, 'remove containers and networks');
  for (const service of ['store', 'migrate', 'web']) await expectService(page, service, 'not created');
});

const GATED = `
  gate:
    image: busybox
    command: sleep 600
    init: true
    healthcheck: { test: [CMD, test, -f, /open], interval: 1s, retries: 600 }
  web:
    image: nginx:1.26
    depends_on: { gate: { condition: service_healthy } }
`;

test('Cancel ends a boot and nothing that runs; the next boot does the rest', async ({ page, openStack }) => {
  const stack = await openStack(GATED);
  await press(page, 'Boot');
  await expectService(page, 'web', 'waits for gate');
  await expectService(page, 'gate', /checked|starting/);
  await press(page, 'Cancel');
  await expect(page.getByRole('banner').getByRole('button', { name: 'Boot', exact: true })).toBeVisible();
  await expectService(page, 'gate', /checked|starting/);
  await expectService(page, 'web', 'created');
  await expect(terminal(page, 'logs')).toContainText('boot cancelled');
  await stack.rewrite(GATED.replace('test, -f, /open', 'test, -d, /'));
  await expectService(page, 'gate', 'differs from the file');
  await press(page, 'Boot');
  await expectService(page, 'web', 'running for');
});

/** Only what lives passes its check: without one, an end that the engine tells of late comes after the boot. */
const FAILING = `
  app:
    image: busybox
    command: sh -c 'echo cannot open config >&2; exit 3'
    healthcheck: { test: [CMD, pidof, sleep], interval: 1s }
  other:
    image: redis:7.0
`;

test('a failure is a card where it happened; Retry boots what was mended', async ({ page, openStack }) => {
  const stack = await openStack(FAILING);
  await press(page, 'Boot');
  await expectService(page, 'app', /exited 3/);
  await expectService(page, 'other', 'running for');
  const card = row(page, 'app').getByRole('region');
  await expect(card).toContainText('cannot open config');
  const notice = page.locator('.toast').filter({ hasText: 'Boot failed' });
  await expect(notice).toContainText('app exited with 3');
  // From wherever one is, its name leads to it.
  await page.getByRole('navigation').getByText('Boot', { exact: true }).click();
  await expect(row(page, 'app')).toHaveCount(0);
  await page.getByRole('banner').getByRole('button', { name: 'app failed' }).click();
  await expect(row(page, 'app')).toHaveAttribute('tabindex', '0');
  await expect(notice).toHaveCount(0);
  await card.getByRole('button', { name: 'Show the log' }).click();
  await expect(page.getByRole('tab', { name: 'Logs · app' })).toHaveAttribute('aria-selected', 'true');
  await stack.rewrite(FAILING.replace('exit 3', 'sleep 600'));
  await expectService(page, 'app', 'differs from the file');
  await press(page, 'Retry');
  await expectService(page, 'app', 'healthy for');
  await expect(row(page, 'app').getByRole('region')).toHaveCount(0);
});

test('a wrong file is shown with its place, and a mended one is read by itself', async ({
  page,
  openStack,
}) => {
  const stack = await openStack(
    '  web:\n    image: nginx:1.26\n    depends_on: [databse]\n  database:\n    image: redis:7.0\n',
  );
  const card = page.getByRole('main').getByRole('region').first();
  await expect(card).toContainText('databse');
  await expect(card).toContainText(/compose\.yaml:\d+:\d+/);
  await expect(
    page.getByRole('button', { name: 'Boot', exact: true }).and(page.getByRole('banner').getByRole('button')),
  ).toHaveCount(0);
  await stack.rewrite('  web:\n    image: nginx:1.26\n');
  await expectService(page, 'web', 'not created');
});

test('the list is walked, filtered and acted on by keys alone', async ({ page, openStack }) => {
  await openStack(`
  alpha: { image: redis:7.0 }
  beta: { image: nginx:1.26 }
  gamma: { image: busybox, command: sleep 600 }
`);
  await expectService(page, 'alpha', 'not created');
  await page.keyboard.press('/');
  await page.keyboard.type('busybox');
  await expect(row(page, 'alpha')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(row(page, 'gamma')).toBeFocused();
  await page.keyboard.press('b');
  await expectService(page, 'gamma', 'running for');
  await page.keyboard.press('x');
  await expectService(page, 'gamma', /stopped|exited/);
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await row(page, 'alpha').focus();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'beta')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Logs · beta' })).toBeVisible();
  await row(page, 'beta').focus();
  await page.keyboard.press('d');
  await expect(page.getByRole('dialog', { name: 'beta' })).toContainText('nginx:1.26');
  await page.keyboard.press('Escape');
  await expect(row(page, 'beta')).toBeFocused();
});
