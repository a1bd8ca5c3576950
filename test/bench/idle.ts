import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'vite';
import { BenchWindow } from './benchWindow.ts';
import { GO, type IdleReady, type IdleReport, SETTLE_MS } from './idleCore.ts';
import type { Figure } from './report.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/**
 * What core and window cost while so many containers run and nothing happens; the core in a process of its own, bundled as it
 * ships, the window in a real Chromium.
 */
export async function idleFigures(own: {
  readonly services: number;
  readonly seconds: number;
}): Promise<Figure[]> {
  const folder = path.join(ROOT, 'dist', 'bench');
  await bundle(folder);
  const child = fork(path.join(folder, 'idleCore.js'), [String(own.services), String(own.seconds)], {
    env: { ...process.env, RENDERER: path.join(ROOT, 'dist', 'renderer') },
  });
  try {
    const [{ url }] = (await once(child, 'message')) as [IdleReady];
    await using window = await BenchWindow.open(url);
    await window.page.locator('[role="row"]').first().waitFor();
    return await measured(child, window, own);
  } finally {
    if (child.exitCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(
  child: ChildProcess,
  window: BenchWindow,
  own: { readonly services: number; readonly seconds: number },
): Promise<Figure[]> {
  const reported = once(child, 'message') as Promise<[IdleReport]>;
  child.send(GO);
  // The child rests before it measures; so does the window.
  await delay(SETTLE_MS);
  const before = window.cpuSeconds();
  await delay(own.seconds * 1000);
  const after = window.cpuSeconds();
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

/** Sources are compiled as they are read, by a compiler that alone takes 40 MB: no user has that. */
async function bundle(folder: string): Promise<void> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: {
      ssr: 'test/bench/idleCore.ts',
      outDir: folder,
      emptyOutDir: true,
      target: 'node22',
      rolldownOptions: { output: { entryFileNames: 'idleCore.js' } },
    },
  });
}
