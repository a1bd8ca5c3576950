import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ElectronHost } from '../../e2e/support/electronHost.ts';
import type { Host } from '../../e2e/support/host.ts';
import type { World } from '../../e2e/support/world.ts';
import { eventually } from '../../support/eventually.ts';

/**
 * Measures the event loop that must not stall: of the core's process under `slipway serve` (by a module that it is started
 * with, told by signals), of the main process in the desktop app.
 */
export function loopDelay(world: World) {
  const file = path.join(world.folder, 'loop-delay');
  const preload = path.join(import.meta.dirname, 'loopDelayPreload.mjs');
  const environment = { ...world.environment, LOOP_DELAY_FILE: file, NODE_OPTIONS: `--import ${preload}` };
  const isElectron = (host: Host): host is ElectronHost => host.target === 'electron';
  return {
    /** The same, so that what is started in it can be measured. */
    world: { ...world, environment },
    async begin(host: Host): Promise<void> {
      if (isElectron(host)) await host.app.evaluate(startInMain);
      else process.kill(host.pid, 'SIGUSR2');
    },
    /** Milliseconds; NaN, which meets no target, where nothing was measured. */
    async p99(host: Host): Promise<number> {
      if (isElectron(host)) return host.app.evaluate(readInMain);
      // One signal can be heard twice: what the second hearing of the first has written is nothing measured.
      await rm(file, { force: true });
      process.kill(host.pid, 'SIGUSR2');
      await eventually(() => existsSync(file));
      const delay = Number(await readFile(file, 'utf8'));
      return delay > 0 ? delay : Number.NaN;
    },
  };
}

type Measured = typeof globalThis & { loop: { enable(): void; percentile(part: number): number } };

/** Playwright evaluates it as text, where nothing can be imported. */
function startInMain(): void {
  const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
  const loop = monitorEventLoopDelay({ resolution: 1 });
  (globalThis as Measured).loop = loop;
  loop.enable();
}

function readInMain(): number {
  return (globalThis as Measured).loop.percentile(99) / 1e6;
}
