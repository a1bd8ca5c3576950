import { expect } from '@playwright/test';
import { test } from './fixtures.ts';
import type { ElectronHost } from './support/electronHost.ts';

const APP = /^slipway:\/\/app\//;

test.beforeEach(async ({ page }) => {
  await expect(page.locator('#root > *').first()).toBeVisible();
});

test('the window is sandboxed and isolated', async ({ host }) => {
  const preferences = await (host as ElectronHost).app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => {
      const contents = window.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      const { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity } =
        contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity };
    }),
  );
  expect(preferences).toEqual([
    { sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, webSecurity: true },
  ]);
});

test('the window cannot navigate away', async ({ host, page }) => {
  const { app } = host as ElectronHost;
  await app.evaluate(({ BrowserWindow }) => {
    const world = globalThis as unknown as { navigations: string[] };
    world.navigations = [];
    // After the app's own listeners: what they decided is known by then.
    BrowserWindow.getAllWindows()[0]?.webContents.on('will-frame-navigate', (event) => {
      world.navigations.push(`${event.defaultPrevented ? 'prevented' : 'ALLOWED'} ${event.url}`);
    });
  });
  const navigations = () =>
    app.evaluate(() => (globalThis as unknown as { navigations: string[] }).navigations);
  await page.evaluate(() => {
    location.href = 'https://example.com/by-script';
  });
  await expect.poll(navigations).toEqual(['prevented https://example.com/by-script']);
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'http://127.0.0.1:1/by-link';
    document.body.append(link);
    link.click();
  });
  await expect.poll(navigations).toContain('prevented http://127.0.0.1:1/by-link');
  expect(page.url()).toMatch(APP);
});

test('a page that got blank by a trick comes back', async ({ page }) => {
  // Chromium does not ask anybody before it shows a blank page.
  await page.evaluate(() => {
    location.href = 'about:blank';
  });
  await page.waitForURL(APP);
  await expect(page.locator('#root > *').first()).toBeVisible();
});

test('the window cannot open windows, and opens no browser by itself', async ({ host, page }) => {
  const { app } = host as ElectronHost;
  await app.evaluate(({ shell }) => {
    const world = globalThis as unknown as { openedOutside: string[] };
    world.openedOutside = [];
    shell.openExternal = async (address: string) => void world.openedOutside.push(address);
  });
  const opened = () =>
    app.evaluate(() => (globalThis as unknown as { openedOutside: string[] }).openedOutside);
  const answers = await page.evaluate(() => [
    window.open('https://example.com/') === null,
    window.open('slipway://app/index.html') === null,
    window.open('about:blank') === null,
  ]);
  expect(answers).toEqual([true, true, true]);
  expect(await opened()).toEqual([]);
  expect(app.windows()).toHaveLength(1);

  await page.evaluate(() => {
    const holder = document.createElement('div');
    holder.style.cssText = 'position:fixed;inset:0;z-index:99999;display:grid';
    for (const href of ['https://example.com/docs', 'file:///etc/passwd']) {
      const link = Object.assign(document.createElement('a'), { href, target: '_blank', textContent: href });
      holder.append(link);
    }
    document.body.append(holder);
  });
  await page.getByRole('link', { name: 'file:///etc/passwd' }).click();
  await page.getByRole('link', { name: 'https://example.com/docs' }).click();
  await expect.poll(opened).toEqual(['https://example.com/docs']);
  expect(app.windows()).toHaveLength(1);
});

test('a page may ask for no device, no notification, no clipboard of the user', async ({ page }) => {
  const states = await page.evaluate(async () => {
    const names = ['notifications', 'geolocation', 'camera', 'microphone', 'clipboard-read', 'midi'];
    const asked = names.map((name) => navigator.permissions.query({ name: name as PermissionName }));
    return (await Promise.all(asked)).map((status) => status.state);
  });
  expect(states).toEqual(states.map(() => 'denied'));
  const asked = await page.evaluate(() => Notification.requestPermission());
  expect(asked).toBe('denied');
});

test('the page is given a few plain functions and nothing of Electron', async ({ page }) => {
  const given = await page.evaluate(() => {
    const bridge = (globalThis as unknown as { slipway: object }).slipway;
    return Object.entries(bridge).map(([name, value]) => `${name}: ${typeof value}`);
  });
  expect(given).toEqual([
    'platform: string',
    'pickFolder: function',
    'pathForFile: function',
    'onOpenFolder: function',
    'onCommand: function',
  ]);
});

test('a page that is not ours gets no port', async ({ host, page }) => {
  const { app } = host as ElectronHost;
  const opening = app.waitForEvent('window');
  // Only the main process can put a page there, which is what a mistake of ours would look like.
  await app.evaluate(async ({ app: electron, BrowserWindow }) => {
    const path = `${electron.getAppPath()}/dist/electron/preload.cjs`;
    const window = new BrowserWindow({ show: false, webPreferences: { preload: path } });
    await window.loadURL('data:text/html,<title>stranger</title>');
  });
  const stranger = await opening;
  const answer = await stranger.evaluate(
    () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve('answered');
        port1.addEventListener('close', () => resolve('closed'));
        window.postMessage('slipway:port', '*', [port2]);
        port1.postMessage(JSON.stringify({ protocol: 1, open: { type: 'requests' } }));
        setTimeout(() => resolve('silence'), 1_000);
      }),
  );
  expect(answer).not.toBe('answered');
  const folder = stranger.evaluate(() =>
    (globalThis as unknown as { slipway: { pickFolder(): Promise<unknown> } }).slipway.pickFolder(),
  );
  expect(await folder).toBeUndefined();
  // Our own page gets an answer for the same words: the silence above was a refusal.
  const own = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve('answered');
        window.postMessage('slipway:port', '*', [port2]);
        port1.postMessage(JSON.stringify({ protocol: 1, open: { type: 'requests' } }));
      }),
  );
  expect(own).toBe('answered');
});
