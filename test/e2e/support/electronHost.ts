import { _electron, type ElectronApplication, expect } from '@playwright/test';
import { electronRuntime } from '../../../scripts/electronRuntime.ts';
import type { Host } from './host.ts';
import { ErrorLog, ROOT, type World } from './world.ts';

/** How long a start may take on a busy machine. */
const START_LIMIT_MS = 30_000;

export interface ElectronHost extends Host {
  readonly app: ElectronApplication;
}

/** How the desktop app is started, as `npm start` does. */
export function electronCommand(folder?: string): { readonly file: string; readonly args: string[] } {
  const file = electronRuntime({ install: 'never' });
  if (file === undefined) throw new Error('There is no Electron runtime.');
  // Chromium's sandbox does not start for root; a machine without a graphics card draws in software at once.
  const flags = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'];
  return { file, args: [...flags, ROOT, ...(folder === undefined ? [] : [folder])] };
}

/** The desktop app with its window. */
export async function openElectronHost(world: World, folder?: string): Promise<ElectronHost> {
  // Without a path Playwright asks the `electron` package, and only then holds the app back until it listens.
  const app = await _electron.launch({ args: electronCommand(folder).args, env: world.environment });
  const errorLog = new ErrorLog();
  app.process().stderr?.on('data', (chunk: Buffer) => errorLog.add(chunk));
  const page = await app.firstWindow({ timeout: START_LIMIT_MS }).catch((thrown: unknown) => {
    app.process().kill('SIGKILL');
    throw new Error(`The desktop app opened no window.\n${errorLog.text}`, { cause: thrown });
  });
  return {
    target: 'electron',
    app,
    page,
    pid: app.process().pid ?? 0,
    errorLog: () => errorLog.text,
    reload: async () => {
      await page.reload();
      await expect(page.locator('#root > *').first()).toBeVisible();
    },
    openProject: (given) => secondStart(app, given),
    close: () => app.close(),
  };
}

/** What the first start is told when the user starts the app again on a folder. */
async function secondStart(app: ElectronApplication, folder: string): Promise<void> {
  await app.evaluate(({ app: electron }, given) => {
    electron.emit('second-instance', {}, [], '', { folder: given });
  }, folder);
}
