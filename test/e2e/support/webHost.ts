import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from '@playwright/test';
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

/** The window in Chromium over `slipway serve`. */
export async function openWebHost(world: World, browser: Browser): Promise<Host> {
  const server = await startServer(world);
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 } });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.waitForURL(/\/s-[\w-]+\/$/);
  return {
    target: 'web',
    page,
    pid: server.child.pid ?? 0,
    errorLog: () => server.errorLog.text,
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
