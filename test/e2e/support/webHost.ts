import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, expect, type Page, type Request } from '@playwright/test';
import type { Host } from './host.ts';
import { connectReader } from './reader.ts';
import { ErrorLog, ROOT, type World } from './world.ts';

/** `slipway serve` as a user starts it. */
export interface Server {
  /** What it printed: holds the token. */
  readonly url: string;
  readonly child: ChildProcess;
  readonly errorLog: ErrorLog;
  stop(): Promise<void>;
}

/** How long a start may take on a busy machine. */
const START_LIMIT_MS = 30_000;

/** `port`: any free one unless a spec needs a certain one. */
export async function startServer(world: World, { port = 0 } = {}): Promise<Server> {
  const words = [path.join(ROOT, 'src-main/cli/main.ts'), 'serve', '--port', String(port)];
  const child = spawn(process.execPath, words, { env: world.environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const errorLog = new ErrorLog();
  child.stderr.on('data', (chunk: Buffer) => errorLog.add(chunk));
  const url = await firstAddress(child, errorLog);
  return {
    url,
    child,
    errorLog,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function firstAddress(child: ChildProcess, errorLog: ErrorLog): Promise<string> {
  if (!child.stdout) throw new Error('The server has no standard output.');
  const lines = createInterface({ input: child.stdout });
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  child.once('exit', () => lines.close());
  limit.addEventListener('abort', () => lines.close());
  for await (const line of lines) {
    const address = /http:\/\/\S+/.exec(line)?.[0];
    if (address) return address;
  }
  child.kill('SIGKILL');
  throw new Error(`slipway serve printed no address.\n${errorLog.text}`);
}

/** More changes of the network than a spec beside this one makes while a page loads. */
const LOAD_TRIES = 10;

/**
 * Opens the window and waits until it is drawn. Chromium fails what it is loading whenever a network of the machine comes
 * or goes, and the specs beside this one boot stacks: then it is loaded again, as a user would.
 */
export async function loadWindow(page: Page, url: string): Promise<void> {
  let changed = false;
  const watch = (request: Request) => {
    changed ||= request.failure()?.errorText === 'net::ERR_NETWORK_CHANGED';
  };
  page.on('requestfailed', watch);
  for (let tries = 1; ; tries += 1) {
    changed = false;
    const loaded = await page.goto(url).then(
      () => drawn(page, () => changed),
      (thrown: unknown) => (changed ? 'networkChanged' : Promise.reject(thrown)),
    );
    if (loaded === 'drawn') break;
    if (tries === LOAD_TRIES) throw new Error('The network did not rest long enough to load the window.');
  }
  page.off('requestfailed', watch);
}

async function drawn(page: Page, networkChanged: () => boolean): Promise<'drawn' | 'networkChanged'> {
  const root = page.locator('#root > *').first();
  const outcome = { of: 'waiting' as 'waiting' | 'drawn' | 'networkChanged' };
  await expect
    .poll(async () => {
      if (await root.isVisible().catch(() => false)) outcome.of = 'drawn';
      else if (networkChanged()) outcome.of = 'networkChanged';
      return outcome.of;
    })
    .not.toBe('waiting');
  return outcome.of === 'drawn' ? 'drawn' : 'networkChanged';
}

/** The window in Chromium over `slipway serve`. */
export async function openWebHost(world: World, browser: Browser): Promise<Host> {
  const server = await startServer(world);
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 } });
  const page = await context.newPage();
  await loadWindow(page, server.url);
  return {
    target: 'web',
    page,
    pid: server.child.pid ?? 0,
    errorLog: () => server.errorLog.text,
    reload: () => loadWindow(page, page.url()),
    async openProject(folder) {
      const reader = await connectReader(server.url);
      await reader.client.project.open({ path: folder });
      reader.close();
    },
    async close() {
      await context.close();
      await server.stop();
    },
  };
}
