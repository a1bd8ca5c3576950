import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'vite';
import { nodeBundle } from '../../scripts/build.ts';
import { CORE_FLAGS } from '../../src-main/electron/coreFlags.ts';
import { canRunPrivateEngine, openPrivateEngine } from '../support/privateEngine/privateEngine.ts';
import { BenchWindow } from './benchWindow.ts';
import { GO, type IdleReady, type IdleReport, SETTLE_MS } from './idleCore.ts';
import type { Figure } from './report.ts';
import { beginEvents } from './trace.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/**
 * What core and window cost while so many containers run and nothing happens; the core in a process of its own, bundled and
 * started as in the desktop app, the window in a real Chromium.
 */
export async function idleFigures(own: {
  readonly services: number;
  readonly seconds: number;
  /** Core's profile and window's trace are written beside it, to look into. */
  readonly trace?: string | undefined;
}): Promise<Figure[]> {
  const folder = path.join(ROOT, 'dist', 'bench');
  await bundle(folder);
  await using engine = await quietEngine();
  const child = fork(path.join(folder, 'idleCore.js'), [String(own.services), String(own.seconds)], {
    env: {
      ...process.env,
      ...engine.environment,
      ...(own.trace === undefined ? {} : { PROFILE: `${own.trace}.core.cpuprofile` }),
      RENDERER: path.join(ROOT, 'dist', 'renderer'),
    },
    execArgv: CORE_FLAGS,
  });
  try {
    const [{ url }] = await firstOf(child);
    await using window = await BenchWindow.open(url);
    await window.page.locator('[role="row"]').first().waitFor();
    return await measured(child, window, own);
  } finally {
    if (child.exitCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Its first word; rejects where it ends without one. */
async function firstOf(child: ChildProcess): Promise<[IdleReady]> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The measured process ended with ${code}.`);
  });
  return Promise.race([once(child, 'message') as Promise<[IdleReady]>, ended]);
}

async function measured(
  child: ChildProcess,
  window: BenchWindow,
  own: { readonly services: number; readonly seconds: number; readonly trace?: string | undefined },
): Promise<Figure[]> {
  const reported = once(child, 'message') as Promise<[IdleReport]>;
  child.send(GO);
  // The child rests before it measures; so does the window.
  await delay(SETTLE_MS);
  const traced = await beginWindowTrace(window, own.trace);
  const threads = window.threads();
  const before = window.cpuSeconds();
  await delay(own.seconds * 1000);
  const after = window.cpuSeconds();
  if (process.env['THREADS'] !== undefined) tellThreads(threads, window.threads());
  await traced();
  const [{ cpuPercent, requests, rssMegabytes }] = await reported;
  const percent = (seconds: number) => (seconds * 100) / own.seconds;
  const drawing = percent(after.renderer - before.renderer);
  const all = percent(after.all - before.all);
  const name = `at rest, ${own.services} containers on screen`;
  const other = `over ${own.seconds} s`;
  return [
    {
      name,
      ours: `core ${cpuPercent.toFixed(2)} %, window ${drawing.toFixed(2)} % of one core`,
      other: `${other}; all of Chromium ${all.toFixed(2)} %`,
      value: cpuPercent + drawing,
      unit: '%',
      target: 0.5,
    },
    { name, ours: 'requests but streams', other, value: requests, unit: 'requests', target: 0 },
    { name, ours: "core's resident memory", other, value: rssMegabytes, unit: 'MB', target: 150 },
  ];
}

/** For whoever looks for what keeps the window awake. */
function tellThreads(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  for (const [name, seconds] of after) {
    const ran = (seconds - (before.get(name) ?? 0)) * 1000;
    if (ran > 0) console.error(`${name}: ${ran.toFixed(1)} ms`);
  }
}

async function beginWindowTrace(
  { page }: BenchWindow,
  file: string | undefined,
): Promise<() => Promise<void>> {
  if (file === undefined) return async () => undefined;
  const session = await page.context().newCDPSession(page);
  const events = await beginEvents(session, ['disabled-by-default-v8.cpu_profiler']);
  return async () => writeFile(`${file}.window.json`, JSON.stringify(await events()));
}

/** Sources are compiled as they are read, by a compiler that alone takes 40 MB: no user has that. */
async function bundle(folder: string): Promise<void> {
  const { build: shipped, ...config } = nodeBundle('test/bench/idleCore.ts', 'idleCore.js');
  await build({
    ...config,
    logLevel: 'error',
    build: { ...shipped, outDir: folder, emptyOutDir: true, sourcemap: false },
  });
}

/** Where it can be had an engine of its own: what others do on a shared one wakes the core too. */
async function quietEngine(): Promise<AsyncDisposable & { readonly environment: Record<string, string> }> {
  if (canRunPrivateEngine() !== 'yes')
    return { environment: {}, [Symbol.asyncDispose]: async () => undefined };
  const own = await openPrivateEngine();
  await own.loadImages('busybox:1');
  return { environment: { DOCKER_HOST: own.host }, [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() };
}
