import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from '@playwright/test';
import { build, preview } from 'vite';

/**
 * Pictures of every state of the window, for looking at: `node scripts/screenshots.ts [NAME…]` writes them to
 * dist/pictures, and what axe finds in them to standard error. The window is real; what it shows comes from test/support/window.
 */
interface Picture {
  readonly name: string;
  readonly scene: string;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  readonly act?: (page: Page) => Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { name: 'home-dark', scene: 'healthy' },
  { name: 'home-light', scene: 'healthy', theme: 'light' },
  { name: 'failed', scene: 'failed' },
  { name: 'failed-light', scene: 'failed', theme: 'light' },
  { name: 'causes', scene: 'causes', height: 1700 },
  { name: 'causes-light', scene: 'causes', theme: 'light', height: 1700 },
  { name: 'causes-narrow', scene: 'causes', width: 700, height: 1900 },
  { name: 'booting', scene: 'booting' },
  { name: 'stopped', scene: 'stopped' },
  { name: 'crowd', scene: 'crowd' },
  {
    name: 'crowd-grouped',
    scene: 'crowd',
    act: (page) => page.getByRole('button', { name: 'Group by state' }).click(),
  },
  { name: 'narrow', scene: 'healthy', width: 900, height: 640 },
  { name: 'narrow-failed', scene: 'failed', width: 700, height: 640, theme: 'light' },
  { name: 'away', scene: 'away' },
  { name: 'away-light', scene: 'away', theme: 'light' },
  { name: 'invalid', scene: 'invalid' },
  { name: 'invalid-light', scene: 'invalid', theme: 'light' },
  { name: 'empty', scene: 'empty' },
  { name: 'loading', scene: 'loading' },
  { name: 'welcome', scene: 'welcome' },
  { name: 'welcome-light', scene: 'welcome', theme: 'light' },
  { name: 'boot', scene: 'healthy', act: (page) => nav(page, 'Boot') },
  { name: 'boot-light', scene: 'healthy', theme: 'light', act: (page) => nav(page, 'Boot') },
  { name: 'boot-live', scene: 'booting', act: (page) => nav(page, 'Boot') },
  { name: 'boot-crowd', scene: 'crowd-booting', act: (page) => nav(page, 'Boot') },
  { name: 'boot-crowd-end', scene: 'crowd-booting', theme: 'light', act: bootEnd },
  { name: 'boot-narrow', scene: 'healthy', width: 700, height: 640, act: (page) => nav(page, 'Boot') },
  { name: 'boot-first', scene: 'stopped', act: (page) => nav(page, 'Boot') },
  { name: 'doctor', scene: 'healthy', act: (page) => nav(page, 'Doctor') },
  {
    name: 'settings',
    scene: 'healthy',
    act: (page) => page.getByRole('button', { name: 'Settings' }).click(),
  },
  {
    name: 'settings-light',
    scene: 'healthy',
    theme: 'light',
    act: (page) => page.getByRole('button', { name: 'Settings' }).click(),
  },
  { name: 'memory', scene: 'healthy', act: (page) => nav(page, 'Memory') },
  { name: 'memory-light', scene: 'healthy', theme: 'light', act: (page) => nav(page, 'Memory') },
  { name: 'memory-narrow', scene: 'healthy', width: 720, height: 640, act: (page) => nav(page, 'Memory') },
  { name: 'builds', scene: 'healthy', act: (page) => nav(page, 'Builds') },
  { name: 'builds-light', scene: 'healthy', theme: 'light', act: (page) => nav(page, 'Builds') },
  { name: 'builds-narrow', scene: 'healthy', width: 720, height: 640, act: (page) => nav(page, 'Builds') },
  { name: 'versions', scene: 'healthy', act: (page) => nav(page, 'Versions') },
  { name: 'versions-light', scene: 'healthy', theme: 'light', act: (page) => nav(page, 'Versions') },
  {
    name: 'versions-narrow',
    scene: 'healthy',
    width: 720,
    height: 640,
    act: (page) => nav(page, 'Versions'),
  },
  { name: 'versions-switch', scene: 'healthy', act: switchDialog },
  { name: 'versions-switch-light', scene: 'healthy', theme: 'light', act: switchDialog },
  { name: 'versions-switch-narrow', scene: 'healthy', width: 720, height: 640, act: switchDialog },
  { name: 'palette', scene: 'healthy', act: (page) => palette(page, '') },
  { name: 'palette-typed', scene: 'healthy', theme: 'light', act: (page) => palette(page, 'post') },
  {
    name: 'menu',
    scene: 'healthy',
    act: (page) => page.getByRole('button', { name: 'More for postgres' }).click(),
  },
  {
    name: 'project-menu',
    scene: 'healthy',
    act: (page) => page.getByRole('button', { name: 'shop', exact: true }).click(),
  },
  { name: 'graph', scene: 'healthy', act: graph },
  { name: 'graph-failed-light', scene: 'failed', theme: 'light', act: graph },
  {
    name: 'browse',
    scene: 'welcome',
    act: (page) => page.getByRole('button', { name: 'Open a folder' }).click(),
  },
  {
    name: 'confirm',
    scene: 'failed',
    act: (page) => page.getByRole('button', { name: 'Fresh database' }).click(),
  },
  { name: 'definition', scene: 'healthy', act: definition },
  { name: 'panes', scene: 'healthy', act: panes },
  { name: 'search', scene: 'healthy', act: search },
];

const SIZE = { width: 1280, height: 800 };
const FOLDER = path.resolve(import.meta.dirname, '../dist/pictures');

async function bootEnd(page: Page): Promise<void> {
  await nav(page, 'Boot');
  await page.locator('.page').evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.getByText('media-200').waitFor();
}

async function nav(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name }).click();
}

async function palette(page: Page, typed: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(typed);
}

async function switchDialog(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^postgres: .*change the version/ }).click();
  await page.getByText('Return to the data of 17').waitFor();
}

async function graph(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Graph' }).click();
  await page.locator('.react-flow__node').first().waitFor();
}

async function definition(page: Page): Promise<void> {
  await page.getByRole('row', { name: 'postgres' }).click();
  await page.keyboard.press('d');
  await page.getByText('5432:5432').waitFor();
}

async function panes(page: Page): Promise<void> {
  for (const name of ['api', 'postgres']) {
    await page.getByRole('row', { name }).focus();
    await page.getByRole('row', { name }).click();
    await page.keyboard.press(name === 'api' ? 'Enter' : 's');
  }
  await page.getByRole('button', { name: 'Split to the right' }).click();
  await page.locator('.xterm-rows, canvas').nth(1).waitFor();
}

async function search(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Search in this pane' }).click();
  await page.getByRole('textbox', { name: 'Search' }).fill('order');
}

/** What axe finds stands beside the picture's name: nothing is the only right answer. */
async function checkAccess(page: Page, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).exclude('.xterm').analyze();
  for (const rule of violations) {
    for (const node of rule.nodes) console.error(`${name}: ${rule.id}: ${node.html.slice(0, 200)}`);
  }
}

async function take(browser: Browser, address: string, picture: Picture): Promise<void> {
  const { theme = 'dark', width = SIZE.width, height = SIZE.height } = picture;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`${picture.name}: ${error.stack}`));
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(`${picture.name}: ${message.text()}`);
  });
  await page.goto(`${address}/?scene=${picture.scene}&now=${new Date('2026-11-20T14:14:20').getTime()}`);
  await page.evaluate('document.fonts.ready');
  await page.locator('h1, h2, header').first().waitFor();
  await page.waitForFunction(
    "document.querySelector('[data-pane] .xterm-screen') || !document.querySelector('.dock')",
  );
  await page.waitForTimeout(300);
  await picture.act?.(page);
  await page.waitForTimeout(400);
  await page.screenshot({ path: path.join(FOLDER, `${picture.name}.png`) });
  await checkAccess(page, picture.name);
  await context.close();
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const root = path.resolve(import.meta.dirname, '../test/support/window');
  const outDir = path.resolve(import.meta.dirname, '../dist/fixture');
  const config = {
    configFile: path.resolve(import.meta.dirname, '../vite.config.ts'),
    root,
    logLevel: 'warn',
  } as const;
  await build({ ...config, build: { outDir, minify: false } });
  const server = await preview({ ...config, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  const address = server.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? '';
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  mkdirSync(FOLDER, { recursive: true });
  try {
    for (const picture of PICTURES) {
      if (wanted.length > 0 && !wanted.some((name) => picture.name.startsWith(name))) continue;
      try {
        await take(browser, address, picture);
        console.log(path.join(FOLDER, `${picture.name}.png`));
      } catch (thrown) {
        console.error(`${picture.name}: ${thrown}`);
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

await main();
