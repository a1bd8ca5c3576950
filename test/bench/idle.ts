import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'vite';
import type { IdleReport } from './idleCore.ts';
import type { Figure } from './report.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** What the core costs while so many containers run and nothing happens; in a process of its own, bundled as it ships. */
export async function idleFigures(own: {
  readonly services: number;
  readonly seconds: number;
}): Promise<Figure[]> {
  const folder = path.join(ROOT, 'dist', 'bench');
  await bundle(folder);
  const child = fork(path.join(folder, 'idleCore.js'), [String(own.services), String(own.seconds)]);
  const [report] = (await once(child, 'message')) as [IdleReport];
  if (child.exitCode === null) await once(child, 'exit');
  await rm(folder, { recursive: true, force: true });
  const name = `core idle, ${own.services} containers`;
  const other = `over ${own.seconds} s`;
  const { cpuPercent, requests, rssMegabytes } = report;
  return [
    { name, ours: 'CPU of one core', other, value: cpuPercent, unit: '%', target: 0.5 },
    { name, ours: 'requests but streams', other, value: requests, unit: 'requests', target: 0 },
    { name, ours: 'resident memory', other, value: rssMegabytes, unit: 'MB', target: 150 },
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
