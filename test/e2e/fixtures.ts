import { type Browser, test as base, type Page, type TestInfo } from '@playwright/test';
import { chromiumOptions } from './support/chromium.ts';
import { openElectronHost } from './support/electronHost.ts';
import type { Host } from './support/host.ts';
import { openWebHost } from './support/webHost.ts';
import { createWorld, type World } from './support/world.ts';

export interface E2eOptions {
  /** Which host the window runs in. */
  target: 'web' | 'electron';
}

interface E2eFixtures {
  /** Settings and state of this spec alone. */
  world: World;
  host: Host;
  /** The window. */
  page: Page;
  /** Opens the folder of a compose file in the window. */
  openProject: (folder: string) => Promise<void>;
}

interface E2eWorker {
  /** Starts Chromium at the first call; a spec in Electron never does. */
  chromium: () => Promise<Browser>;
}

/** The test of every spec: the same list for both targets. */
export const test = base.extend<E2eFixtures & E2eOptions, E2eWorker>({
  target: ['web', { option: true }],
  chromium: [
    async ({ playwright }, use) => {
      let browser: Promise<Browser> | undefined;
      await use(() => (browser ??= playwright.chromium.launch(chromiumOptions())));
      await (await browser)?.close();
    },
    { scope: 'worker' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are needed from this pattern
  world: async ({}, use) => {
    const world = await createWorld();
    await use(world);
    await world.remove();
  },
  host: async ({ target, world, chromium }, use, testInfo) => {
    const host =
      target === 'web' ? await openWebHost(world, await chromium()) : await openElectronHost(world);
    await use(host);
    await keepArtefacts(host, testInfo);
    await host.close();
  },
  page: async ({ host }, use) => use(host.page),
  openProject: async ({ host }, use) => use((folder) => host.openProject(folder)),
});

/** What a failed spec leaves behind; Playwright itself adds the screenshot and the trace. */
async function keepArtefacts(host: Host, testInfo: TestInfo): Promise<void> {
  if (testInfo.status === testInfo.expectedStatus) return;
  await testInfo.attach('core.log', { body: host.errorLog(), contentType: 'text/plain' });
}
