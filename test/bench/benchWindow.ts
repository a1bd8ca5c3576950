import { readdirSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumOptions } from '../e2e/support/chromium.ts';

/** Ticks of the kernel's process times in a second. Source: proc(5); the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A window of Slipway in a real Chromium, for measuring what it costs. Dispose it. */
export class BenchWindow implements AsyncDisposable {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #marker: string;

  private constructor(own: { page: Page; browser: Browser; marker: string }) {
    this.page = own.page;
    this.#browser = own.browser;
    this.#marker = own.marker;
  }

  /** As a desktop window has it: 1280 by 800, animations on. */
  static async open(url: string): Promise<BenchWindow> {
    const marker = `--slipway-bench=${process.pid}.${Date.now()}`;
    const options = chromiumOptions();
    const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), marker] });
    const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('header').first().waitFor();
    return new BenchWindow({ page, browser, marker });
  }

  /** Seconds of CPU that the process which draws the page has used, and those of all of Chromium. */
  cpuSeconds(): { readonly renderer: number; readonly all: number } {
    const main = processes().find(({ command }) => command.includes(this.#marker));
    if (main === undefined) throw new Error('Chromium is not to be found among the processes.');
    const own = [main, ...descendantsOf(main.pid)];
    const sum = (some: typeof own) => some.reduce((all, { ticks }) => all + ticks, 0) / TICKS_PER_SECOND;
    return { renderer: sum(own.filter(({ command }) => command.includes('--type=renderer'))), all: sum(own) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly ticks: number;
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // The program's name is in brackets and may hold anything: state, parent and the times come after it.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      const ticks = Number(fields[11]) + Number(fields[12]);
      return [{ pid: Number(name), parent: Number(fields[1]), command, ticks }];
    } catch {
      return []; // it has just ended
    }
  });
}

function descendantsOf(pid: number): Process[] {
  const all = processes();
  const below = (parent: number): Process[] =>
    all.filter((entry) => entry.parent === parent).flatMap((entry) => [entry, ...below(entry.pid)]);
  return below(pid);
}
