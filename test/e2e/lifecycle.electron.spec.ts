import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from '@playwright/test';
import { test } from './fixtures.ts';
import { type ElectronHost, electronCommand, openElectronHost } from './support/electronHost.ts';
import { descendants, isAlive } from './support/processes.ts';
import { makeProject } from './support/project.ts';

test('started on a folder, it opens the folder', async ({ world }) => {
  const folder = await makeProject(world, 'givenstack');
  const host = await openElectronHost(world, folder);
  try {
    await expect(host.page.getByText('givenstack').first()).toBeVisible();
  } finally {
    await host.close();
  }
});

test('a second start ends, and its folder opens in the first', async ({ host, page, world }) => {
  await expect(page.locator('#root > *').first()).toBeVisible();
  const folder = await makeProject(world, 'secondstack');
  const { file, args } = electronCommand(folder);
  const second = spawn(file, args, { env: world.environment, stdio: 'ignore' });
  const [code] = await once(second, 'exit');
  expect(code).toBe(0);
  await expect(page.getByText('secondstack').first()).toBeVisible();
  expect((host as ElectronHost).app.windows()).toHaveLength(1);
});

test('quitting leaves no process', async ({ world }) => {
  const host = await openElectronHost(world);
  await expect(host.page.locator('#root > *').first()).toBeVisible();
  const processes = [host.pid, ...descendants(host.pid)];
  expect(processes.length).toBeGreaterThan(2);
  await host.close();
  await expect.poll(() => processes.filter(isAlive)).toEqual([]);
});

test('closing the last window quits', async ({ world }) => {
  const host = await openElectronHost(world);
  await expect(host.page.locator('#root > *').first()).toBeVisible();
  const exited = once(host.app.process(), 'exit');
  await host.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  const [code] = await exited;
  expect(code).toBe(0);
});

test('a window that crashed comes back by itself', async ({ host, page }) => {
  await expect(page.locator('#root > *').first()).toBeVisible();
  const { app } = host as ElectronHost;
  await app.evaluate(({ BrowserWindow }) => {
    const world = globalThis as unknown as { loads: number };
    world.loads = 0;
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    contents?.on('did-finish-load', () => {
      world.loads += 1;
    });
    contents?.forcefullyCrashRenderer();
  });
  // The page that Playwright knows died with its process: the main process is asked instead.
  const drawn = () =>
    app.evaluate(async ({ BrowserWindow }) => {
      const { loads } = globalThis as unknown as { loads: number };
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      if (loads === 0 || contents === undefined) return false;
      return contents.executeJavaScript('document.querySelector("#root > *") !== null');
    });
  await expect.poll(drawn).toBe(true);
});

test('the window comes back where it was', async ({ world }) => {
  const wanted = { x: 40, y: 30, width: 900, height: 640 };
  const first = await openElectronHost(world);
  await first.app.evaluate(
    ({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds),
    wanted,
  );
  const set = await boundsOf(first);
  await first.close();
  const second = await openElectronHost(world);
  try {
    expect(await boundsOf(second)).toEqual(set);
    expect(set).toMatchObject({ width: 900, height: 640 });
  } finally {
    await second.close();
  }
});

function boundsOf(host: ElectronHost) {
  return host.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds());
}

test('a core that was killed is started again, and the window finds it', async ({
  host,
  page,
  openProject,
  world,
}) => {
  await openProject(await makeProject(world, 'killedstack'));
  await expect(page.getByRole('button', { name: 'killedstack', exact: true })).toBeVisible();
  const { app } = host as ElectronHost;
  const corePids = () =>
    app.evaluate(({ app: electron }) =>
      electron
        .getAppMetrics()
        .filter(({ name, serviceName }) => [name, serviceName].includes('Slipway core'))
        .map(({ pid }) => pid),
    );
  const [killed = 0] = await corePids();
  process.kill(killed, 'SIGKILL');
  await expect.poll(async () => (await corePids()).some((pid) => pid !== killed && isAlive(pid))).toBe(true);
  // What was open in the one before is open in the new one, and somebody is told why the screen was away.
  await expect(page.locator('.toast').filter({ hasText: 'core ended and was started again' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'killedstack', exact: true })).toBeVisible();
  // The window asks the new core, however soon it finds it: a folder opens in it.
  await openProject(await makeProject(world, 'newcorestack'));
  await expect(page.getByRole('button', { name: 'newcorestack', exact: true })).toBeVisible();
});
