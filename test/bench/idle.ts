import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { IdleReport } from './idleCore.ts';
import type { Figure } from './report.ts';

/** What the core costs while so many containers run and nothing happens; measured in a process of its own. */
export async function idleFigures(own: {
  readonly services: number;
  readonly seconds: number;
}): Promise<Figure[]> {
  const child = fork(new URL('./idleCore.ts', import.meta.url), [String(own.services), String(own.seconds)]);
  const [report] = (await once(child, 'message')) as [IdleReport];
  if (child.exitCode === null) await once(child, 'exit');
  const name = `core idle, ${own.services} containers`;
  const other = `over ${own.seconds} s`;
  const { cpuPercent, requests, rssMegabytes } = report;
  return [
    { name, ours: 'CPU of one core', other, value: cpuPercent, unit: '%', target: 0.5 },
    { name, ours: 'requests but streams', other, value: requests, unit: 'requests', target: 0 },
    { name, ours: 'resident memory', other, value: rssMegabytes, unit: 'MB', target: 150 },
  ];
}
