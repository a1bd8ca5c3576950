import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import Docker from 'dockerode';
import { chromiumOptions } from '../../e2e/support/chromium.ts';
import { openElectronHost } from '../../e2e/support/electronHost.ts';
import type { Host } from '../../e2e/support/host.ts';
import { descendants } from '../../e2e/support/processes.ts';
import { makeProject } from '../../e2e/support/project.ts';
import { press, runCommand, terminal } from '../../e2e/support/stack.ts';
import { openWebHost } from '../../e2e/support/webHost.ts';
import { createWorld } from '../../e2e/support/world.ts';
import { eventually } from '../../support/eventually.ts';
import type { Figure } from '../report.ts';
import { BEGIN, beginEvents, DETAILED, TASKS_ONLY, tasksOf } from '../trace.ts';
import { BareProcess, type Lateness } from './bareProcess.ts';
import { floodService } from './floodStack.ts';
import { loopDelay } from './loopDelay.ts';
import { numberedLines, stampDelays, storeFolders } from './storedNumbers.ts';

const SERVICES = 10;
const LINES_PER_SECOND = 2000;
const PROJECT = 'slipwayflood';
const PROBE = path.join(import.meta.dirname, 'floodProbe.browser.js');

/** What the page noted, in milliseconds. */
interface Probe {
  readonly tasks: readonly number[];
  readonly quiet: readonly number[];
  readonly echo: readonly number[];
}

/**
 * Ten services write 20 000 lines a second together; beside them a quiet one and a shell, in one window. Says what was lost,
 * how the window felt, and what it cost. `target`: Chromium over `slipway serve`, or the desktop app.
 */
export async function floodFigures(own: {
  readonly target: Host['target'];
  readonly seconds: number;
  /** Where the window's trace is written, to look into; tracing costs time itself. */
  readonly trace?: string | undefined;
}): Promise<Figure[]> {
  const world = await createWorld();
  const probe = loopDelay(world);
  const browser = own.target === 'web' ? await chromium.launch(chromiumOptions()) : undefined;
  const host =
    browser === undefined ? await openElectronHost(probe.world) : await openWebHost(probe.world, browser);
  try {
    const folder = await floodProject(own.seconds, probe.world);
    const felt = await feel(host, probe, { ...own, folder });
    await host.close();
    const [store = ''] = await storeFolders(path.join(world.folder, 'data'));
    const lines = own.seconds * LINES_PER_SECOND;
    const stored = await numberedLines(store, { prefix: 'flood', services: SERVICES, lines });
    const stamps = await stampDelays(store, { service: 'quiet', sinceMs: felt.beganAt });
    const stampMs = percentile(stamps.slice(0, felt.quietLines), 0.95);
    return figures(own.target, own.seconds, { ...felt, ...stored, stampMs });
  } finally {
    await host.close().catch(() => undefined); // closed already, where all went well
    await browser?.close();
    await removeStack();
    await world.remove();
  }
}

function floodProject(seconds: number, world: Parameters<typeof makeProject>[0]): Promise<string> {
  const flood = Array.from({ length: SERVICES }, (_, index) =>
    floodService({ name: `flood${index}`, linesPerSecond: LINES_PER_SECOND, seconds }),
  );
  const quiet = `
  quiet:
    image: debian:bookworm
    stop_grace_period: 1s
    command: ["bash", "-c", "i=0; while true; do i=$$((i+1)); echo quiet $$i at $$(date +%s%N); sleep 0.5; done"]
`;
  return makeProject(world, PROJECT, [...flood, quiet].join(''));
}

interface Felt {
  readonly grownMegabytes: number;
  /** By the clock, and by the processor alone: the rest a task waited for one. */
  readonly longestTaskMs: number;
  readonly longestTaskCpuMs: number;
  readonly quietMs: number;
  readonly echoMs: number;
  readonly loopMs: number;
  /** Lines of the quiet service that were seen, and since when. */
  readonly quietLines: number;
  readonly beganAt: number;
  readonly bare: Lateness;
}

async function feel(
  host: Host,
  probe: ReturnType<typeof loopDelay>,
  own: { readonly seconds: number; readonly folder: string; readonly trace?: string | undefined },
): Promise<Felt> {
  const { page } = host;
  const { seconds, folder } = own;
  await host.openProject(folder);
  await press(page, 'Boot');
  await runCommand(page, 'quiet logs');
  await page.getByRole('button', { name: 'Split to the right' }).click();
  await terminal(page, 'logs')
    .filter({ hasText: /quiet \d+ at/ })
    .last()
    .waitFor({ timeout: 120_000 });
  await runCommand(page, 'quiet shell');
  await page.getByRole('button', { name: 'Split to the right' }).click();
  await terminal(page, 'terminal').filter({ hasText: /[#$]/ }).waitFor({ timeout: 60_000 });
  await terminal(page, 'logs')
    .filter({ hasText: /line \d+ the quick/ })
    .first()
    .waitFor({ timeout: 60_000 });
  const core = corePid(host);
  const before = residentMegabytes(core);
  const session = await page.context().newCDPSession(page);
  const detailed = [...DETAILED, 'disabled-by-default-v8.cpu_profiler'];
  const traced = await beginEvents(session, own.trace === undefined ? TASKS_ONLY : detailed);
  await page.evaluate(await readFile(PROBE, 'utf8'));
  await page.evaluate((mark) => console.timeStamp(mark), BEGIN);
  await probe.begin(host);
  const beganAt = Date.now();
  const bystander = new BareProcess();
  const peak = await typeFor(page, seconds, () => residentMegabytes(core));
  const bare = await bystander.end();
  const loopMs = await probe.p99(host);
  const events = await traced();
  if (own.trace !== undefined) await writeFile(own.trace, JSON.stringify(events));
  const felt = (await page.evaluate('floodProbe')) as Probe;
  await finished();
  return {
    grownMegabytes: peak - before,
    longestTaskMs: Math.max(0, ...felt.tasks),
    longestTaskCpuMs: tasksOf(events).reduce((most, { cpu }) => Math.max(most, cpu), 0),
    quietMs: percentile(felt.quiet, 0.95),
    echoMs: percentile(felt.echo, 0.95),
    loopMs,
    quietLines: felt.quiet.length,
    beganAt,
    bare,
  };
}

/** Types into the shell as long as the flood lasts. Returns the most that was measured meanwhile. */
async function typeFor(page: Page, seconds: number, measure: () => number): Promise<number> {
  await page.locator('[data-pane="terminal"] textarea').focus();
  const end = performance.now() + seconds * 1000;
  let most = 0;
  while (performance.now() < end) {
    await page.keyboard.type('echo', { delay: 150 });
    for (let letter = 0; letter < 4; letter += 1) await page.keyboard.press('Backspace', { delay: 60 });
    most = Math.max(most, measure());
  }
  return most;
}

/** Every flooding service has written its last line, and it has had time to be collected. */
async function finished(): Promise<void> {
  const docker = new Docker();
  const filters = { label: [`com.docker.compose.project=${PROJECT}`] };
  await eventually(
    async () => {
      const flooding = (await docker.listContainers({ filters })).filter(({ Labels }) =>
        Labels['com.docker.compose.service']?.startsWith('flood'),
      );
      const tails = await Promise.all(
        flooding.map(({ Id }) => docker.getContainer(Id).logs({ stdout: true, tail: 1 })),
      );
      return tails.length === SERVICES && tails.every((tail) => tail.toString().includes('finished'));
    },
    { limitMs: 300_000 },
  );
}

/** In the desktop app the core is the utility process that eats the flood: the one that holds the most of Node. */
function corePid(host: Host): number {
  if (host.target === 'web') return host.pid;
  const utility = descendants(host.pid).find((pid) => commandLine(pid).includes('node.mojom.NodeService'));
  if (utility === undefined) throw new Error('The desktop app has no utility process for the core.');
  return utility;
}

function commandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

function residentMegabytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return (pages * 4096) / 2 ** 20;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function figures(
  target: Host['target'],
  seconds: number,
  felt: Felt & Awaited<ReturnType<typeof numberedLines>> & { readonly stampMs: number },
): Figure[] {
  const name = `20 000 lines/s for ${seconds} s, ${target === 'web' ? 'Chromium' : 'Electron'}`;
  const figure = (ours: string, value: number, unit: Figure['unit'], limit: number): Figure => ({
    name,
    ours,
    other: `${felt.found} lines`,
    value,
    unit,
    target: limit,
  });
  return [
    figure('lines lost', felt.lost, '', 0),
    figure('lines twice', felt.doubled, '', 0),
    figure('lines out of order', felt.outOfOrder, '', 0),
    figure('core grew by', felt.grownMegabytes, 'MB', 100),
    figure('longest task of the window', felt.longestTaskMs, 'ms', 50),
    figure('longest task, on the processor', felt.longestTaskCpuMs, 'ms', 50),
    figure('written to seen, quiet service, p95', felt.quietMs, 'ms', 100),
    figure('key to echo, p95', felt.echoMs, 'ms', 50),
    ...beside(felt, name),
    figure(`event loop of the ${target === 'web' ? 'core' : 'main process'}, p99`, felt.loopMs, 'ms', 20),
  ];
}

/** What the machine did to everybody meanwhile; Slipway has no part in these, so they have no target. */
function beside(
  { bare, stampMs }: { readonly bare: Lateness; readonly stampMs: number },
  name: string,
): Figure[] {
  const figure = (ours: string, value: number): Figure => ({
    ...{ name, ours, value, unit: 'ms' },
    ...{ other: 'not Slipway', target: undefined },
  });
  return [
    figure('written to stamped by the engine, p95', stampMs),
    figure('a process that only sleeps, p99', bare.p99Ms),
    figure('a process that only sleeps, longest', bare.maxMs),
  ];
}

async function removeStack(): Promise<void> {
  const docker = new Docker();
  const filters = { label: [`com.docker.compose.project=${PROJECT}`] };
  for (const { Id } of await docker.listContainers({ all: true, filters }))
    await docker.getContainer(Id).remove({ force: true, v: true });
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
}
