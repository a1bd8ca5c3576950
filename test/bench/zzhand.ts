import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chromium } from '@playwright/test';
import { chromiumOptions } from '../e2e/support/chromium.ts';

const main = '/work/h/boot/src-main/cli/main.ts';
const env = {
  ...process.env,
  XDG_STATE_HOME: '/tmp/hand/.st',
  XDG_CONFIG_HOME: '/tmp/hand/.cf',
  XDG_CACHE_HOME: '/tmp/hand/.ca',
};
const cli = (...a: string[]) => {
  const r = spawnSync(process.execPath, [main, '-f', '/tmp/hand/compose.yaml', ...a], {
    env,
    encoding: 'utf8',
  });
  return `exit ${r.status}\n${r.stdout}${r.stderr}`;
};
const t = Date.now();
console.log(cli('up'));
console.log('up took', Date.now() - t);
console.log(cli('ps'));
const serve = spawn(process.execPath, [main, '-f', '/tmp/hand/compose.yaml', 'serve', '--port', '0'], {
  env,
  stdio: ['ignore', 'pipe', 'pipe'],
});
let out = '';
const url = await new Promise<string>((r) => {
  const on = (d: Buffer) => {
    out += d;
    const m = /https?:\/\/\S+/.exec(out);
    if (m) r(m[0]);
  };
  serve.stdout.on('data', on);
  serve.stderr.on('data', on);
});
const browser = await chromium.launch(chromiumOptions());
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
await page.goto(url);
const row = (n: string) => page.locator(`[data-service="${n}"]`).first();
await row('db').waitFor();
await page.waitForTimeout(700);
console.log('first look:', (await row('db').innerText()).replaceAll('\n', ' | '));
await page.screenshot({ path: '/tmp/hand/stack.png' });
await page.emulateMedia({ colorScheme: 'light' });
await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: /^Boot/ }).click();
await page.waitForTimeout(500);
await page.screenshot({ path: '/tmp/hand/boot.png' });
await page
  .getByRole('navigation', { name: 'Screens' })
  .getByRole('button', { name: /^Stack/ })
  .click();
console.log('header:', (await page.getByRole('banner').innerText()).replaceAll('\n', ' | '));
await page.waitForTimeout(36000);
console.log(
  '36 s later:',
  (await row('db').innerText()).replaceAll('\n', ' | '),
  execFileSync(
    'docker',
    ['inspect', 'handcheck-db-1', '-f', '{{.State.Health.Status}} {{len .State.Health.Log}}'],
    { encoding: 'utf8' },
  ).trim(),
);
await page.getByRole('button', { name: 'Stop', exact: true }).first().click();
await page
  .getByText(/stopped/)
  .first()
  .waitFor();
await page.waitForTimeout(1500);
console.log('after stop:', (await page.getByRole('banner').innerText()).replaceAll('\n', ' | '));
await page.screenshot({ path: '/tmp/hand/stopped.png' });
await browser.close();
serve.kill('SIGTERM');
console.log(cli('down', '--volumes'));
process.exit(0);
