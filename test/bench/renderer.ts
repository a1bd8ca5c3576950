import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { deferred } from '#base/deferred.ts';
import { runServe } from '../../src-main/web/main.ts';
import { BenchWindow } from './benchWindow.ts';
import { OpenedStack } from './openedStack.ts';
import { type RecordedBoot, recordedBoot, socketScript } from './recordedBoot.ts';
import type { Figure } from './report.ts';
import { levelStack } from './stacks.ts';
import { beginTrace, type Task } from './trace.ts';

const RENDERER = path.join(import.meta.dirname, '../../dist/renderer');
/** Kept out of the trace: the window's first drawing is no part of a boot. */
const SETTLE_MS = 1_500;

/** What a boot of so many services costs the window: every task of its main thread, traced, and every frame. */
export async function rendererFigures(own: { readonly services: number }): Promise<Figure[]> {
  const name = `benchwindow${process.pid}`;
  const stack = await OpenedStack.open(name, levelStack(name, own.services, 4));
  const stop = new AbortController();
  try {
    const { url, ended } = await serve(stack, stop.signal);
    const figures: Figure[] = [];
    for (const screen of ['Stack', 'Boot'])
      figures.push(...(await measureBoot(stack, url, { screen, services: own.services })));
    figures.push(...(await measureSquare(stack, own.services)));
    await using window = await BenchWindow.open(url);
    figures.push(...(await measureProjects(stack, window.page)));
    stop.abort();
    await ended;
    return figures;
  } finally {
    stop.abort();
    await stack.dispose();
  }
}

async function serve(
  { core }: OpenedStack,
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly ended: Promise<void> }> {
  const ready = deferred<string>();
  const ended = runServe({
    core,
    port: 0,
    rendererDir: RENDERER,
    signal,
    onReady: ready.resolve,
    onWarning: () => undefined,
  });
  ended.catch(ready.reject);
  return { url: await ready.promise, ended };
}

/** A boot on screen; then the same once more from a recording, when no container starts beside the window. */
async function measureBoot(
  stack: OpenedStack,
  url: string,
  { screen, services }: { readonly screen: string; readonly services: number },
): Promise<Figure[]> {
  const name = `${services} services booting, ${screen} screen`;
  const live = await recordBoot(stack, url, screen);
  await stack.down();
  const replayed = await replayBoot(url, screen, live.recording);
  return [...feltFigures(name, live.felt), ...feltFigures(`${name}, from a recording`, replayed)];
}

interface Felt {
  readonly frames: readonly number[];
  readonly tasks: readonly Task[];
}

async function recordBoot(
  stack: OpenedStack,
  url: string,
  screen: string,
): Promise<{ readonly felt: Felt; readonly recording: RecordedBoot }> {
  await using window = await BenchWindow.open(url, await socketScript());
  const { page } = window;
  await openScreen(page, screen);
  let bootAt = 0;
  const felt = await feel(page, async () => {
    bootAt = await page.evaluate(() => performance.now());
    await stack.boot();
  });
  return { felt, recording: await recordedBoot(page, bootAt) };
}

async function replayBoot(url: string, screen: string, recording: RecordedBoot): Promise<Felt> {
  await using window = await BenchWindow.open(url, await socketScript(recording));
  const { page } = window;
  await openScreen(page, screen);
  const felt = await feel(page, () => page.evaluate('beginReplay()'));
  // Else the page was not told what the recorded one was, and the figures say nothing.
  await page
    .getByRole('banner')
    .getByText(/^(\d+) of \1 ready/)
    .waitFor();
  return felt;
}

/** How a page fares beside the same boot that has nothing to do but to move a square: what the machine leaves to any window. */
async function measureSquare(stack: OpenedStack, services: number): Promise<Figure[]> {
  await using window = await BenchWindow.open(SQUARE);
  const { frames, tasks } = await feel(window.page, () => stack.boot());
  await stack.down();
  const name = `${services} services booting, a page that only moves a square`;
  const figure = (ours: string, value: number): Figure => ({
    ...{ name, ours, value, unit: 'ms' },
    ...{ other: 'not Slipway', target: undefined },
  });
  return [
    figure('longest task', longestOf(tasks).wall),
    figure('frame, 95th percentile', percentile(frames, 0.95)),
  ];
}

const SQUARE = `data:text/html,${encodeURIComponent(`<header>A square</header>
<div id="square" style="width: 40px; height: 40px; background: teal"></div>
<script>
  const move = (at) => {
    square.style.marginLeft = (at / 10) % 600 + 'px';
    requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
</script>`)}`;

async function openScreen(page: Page, screen: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('button', { name: new RegExp(`^${screen}`) })
    .click();
  await page.waitForTimeout(SETTLE_MS);
}

async function feel(page: Page, work: () => Promise<unknown>): Promise<Felt> {
  const session = await page.context().newCDPSession(page);
  const trace = await beginTrace(session);
  await page.evaluate(beginFrames);
  await work();
  const frames = await page.evaluate(endFrames);
  const tasks = await trace();
  await session.detach();
  return { frames, tasks };
}

function feltFigures(name: string, { frames, tasks }: Felt): Figure[] {
  return [
    longestTask(name, tasks),
    {
      name,
      ours: 'frame, 95th percentile',
      other: `median ${percentile(frames, 0.5).toFixed(1)} ms of ${frames.length}`,
      value: percentile(frames, 0.95),
      unit: 'ms',
      target: 20,
    },
  ];
}

const PROJECTS = 20;
const SERVICES_EACH = 30;

/** Opens projects one after another as a user does, and filters, groups and walks through each list by keyboard. */
async function measureProjects(stack: OpenedStack, page: Page): Promise<Figure[]> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'slipway-projects-'));
  const session = await page.context().newCDPSession(page);
  const opened: string[] = [];
  try {
    const trace = await beginTrace(session);
    for (let index = 0; index < PROJECTS; index++) {
      const name = `benchproject${index}`;
      const folder = path.join(root, name);
      await mkdir(folder);
      await writeFile(path.join(folder, 'compose.yaml'), levelStack(name, SERVICES_EACH, 3));
      const { workspace } = await stack.client.project.open({ path: folder });
      opened.push(workspace);
      await lookThrough(page, name);
    }
    const tasks = await trace();
    return [longestTask(`${PROJECTS} projects opened one after another`, tasks)];
  } finally {
    await session.detach();
    for (const workspace of opened) await stack.client.project.close({ workspace });
    await rm(root, { recursive: true, force: true });
  }
}

async function lookThrough(page: Page, name: string): Promise<void> {
  await page.getByRole('banner').getByRole('button').first().click();
  await page.getByRole('menuitem', { name }).first().click();
  await page.getByRole('banner').getByText(name, { exact: true }).waitFor();
  await page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('button', { name: /^Stack/ })
    .click();
  const filter = page.getByRole('searchbox').or(page.getByPlaceholder('Filter services'));
  await filter.fill('s2');
  await filter.fill('');
  await page.getByRole('button', { name: 'Group by state' }).click();
  await page.getByRole('row', { name: 's0' }).first().click();
  for (let down = 0; down < 10; down++) await page.keyboard.press('ArrowDown');
}

function longestOf(tasks: readonly Task[]): Task {
  return tasks.reduce((worst, task) => (task.wall > worst.wall ? task : worst));
}

function longestTask(name: string, tasks: readonly Task[]): Figure {
  const longest = longestOf(tasks);
  const longestCpu = Math.max(...tasks.map(({ cpu }) => cpu));
  return {
    name,
    ours: 'longest task of the window',
    other: `${longestCpu.toFixed(0)} ms at most on the processor; ${tasks.length} tasks`,
    value: longest.wall,
    unit: 'ms',
    target: 50,
  };
}

/** In the page: the time between two frames, from now on. */
function beginFrames(): void {
  const own = globalThis as unknown as {
    frames: number[];
    requestAnimationFrame(f: (t: number) => void): void;
  };
  own.frames = [];
  let before: number | undefined;
  const next = (at: number) => {
    if (before !== undefined) own.frames.push(at - before);
    before = at;
    own.requestAnimationFrame(next);
  };
  own.requestAnimationFrame(next);
}

function endFrames(): number[] {
  return (globalThis as unknown as { frames: number[] }).frames;
}

function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
