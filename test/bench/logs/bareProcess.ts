import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Sleeps a millisecond at a time and says, when its input ends, how late it was woken: 99th percentile and worst, in nanoseconds. */
const PROGRAM = `
const loop = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 });
loop.enable();
process.stdin.resume().on('end', () => { console.log(loop.percentile(99) + ' ' + loop.max); process.exit(); });
`;

export interface Lateness {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * A process that does nothing beside what is measured: how long it waits for a processor is how long the machine lets
 * anybody wait, whatever they do themselves.
 */
export class BareProcess {
  readonly #child: ChildProcess = spawn(process.execPath, ['-e', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });

  async end(): Promise<Lateness> {
    let said = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    this.#child.stdin?.end();
    await once(this.#child, 'close');
    const [p99 = Number.NaN, max = Number.NaN] = said.trim().split(' ').map(Number);
    return { p99Ms: p99 / 1e6, maxMs: max / 1e6 };
  }

  /** Where nobody asks any more. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
