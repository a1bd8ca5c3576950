import { readdirSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumOptions } from '../e2e/support/chromium.ts';

const NANOSECONDS = 1e9;

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

  /** As a desktop window has it: 1280 by 800, animations on. `script`: runs before the page's own. */
  static async open(url: string, script?: string): Promise<BenchWindow> {
    const marker = `--slipway-bench=${process.pid}.${Date.now()}`;
    const options = chromiumOptions();
    const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), marker] });
    const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    if (script !== undefined) await context.addInitScript(script);
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
    const sum = (some: typeof own) =>
      some.reduce((all, { pid }) => all + runNanoseconds(pid), 0) / NANOSECONDS;
    return { renderer: sum(own.filter(({ command }) => command.includes('--type=renderer'))), all: sum(own) };
  }

  /** By thread of the process that draws: seconds of CPU that it has used. */
  threads(): ReadonlyMap<string, number> {
    const main = processes().find(({ command }) => command.includes(this.#marker));
    const drawing = [...(main === undefined ? [] : descendantsOf(main.pid))].filter(({ command }) =>
      command.includes('--type=renderer'),
    );
    return new Map(drawing.flatMap(({ pid }) => threadsOf(pid)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // The program's name is in brackets and may hold anything: state and parent come after it.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return [{ pid: Number(name), parent: Number(fields[1]), command }];
    } catch {
      return []; // it has just ended
    }
  });
}

/** What all threads of a process have run; the kernel's ticks are too coarse for one at rest. Source: proc(5), schedstat. */
function runNanoseconds(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce(
      (sum, thread) =>
        sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
      0,
    );
  } catch {
    return 0; // it has just ended
  }
}

function threadsOf(pid: number): (readonly [string, number])[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const folder = `/proc/${pid}/task/${thread}`;
    const name = readFileSync(`${folder}/comm`, 'utf8').trim();
    const ran = Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]);
    return [`${name} ${thread}`, ran / NANOSECONDS];
  });
}

function descendantsOf(pid: number): Process[] {
  const all = processes();
  const below = (parent: number): Process[] =>
    all.filter((entry) => entry.parent === parent).flatMap((entry) => [entry, ...below(entry.pid)]);
  return below(pid);
}
