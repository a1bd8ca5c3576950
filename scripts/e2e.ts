import { spawn, spawnSync } from 'node:child_process';
import { chromiumPath } from '../test/e2e/support/chromium.ts';
import { buildParts, DESKTOP_PARTS } from './build.ts';
import { electronRuntime } from './electronRuntime.ts';

/**
 * `npm run e2e [-- playwright's arguments]`: the end-to-end list in Chromium over `slipway serve` and in real Electron.
 * Installs what is missing and says so; needs a running engine.
 */
const isRoot = process.getuid?.() === 0;
const needsDisplay =
  process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'];

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

function apt(...packages: string[]): void {
  if (!isRoot || !has('apt-get')) {
    console.error(
      `e2e: needs ${packages.join(' ')}: install it, e.g. sudo apt-get install ${packages.join(' ')}`,
    );
    process.exit(1);
  }
  console.log(`e2e: installing ${packages.join(' ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env });
  const installed = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  if (installed.status !== 0) process.exit(1);
}

/** The distribution's where we may install it, else Playwright's own build. */
function provideChromium(): void {
  if (chromiumPath() !== undefined) return;
  if (process.platform === 'linux' && isRoot && has('apt-get')) apt('chromium');
  else {
    console.log('e2e: installing Chromium …');
    spawnSync('playwright', ['install', 'chromium'], { stdio: 'inherit' });
  }
  if (chromiumPath() !== undefined) return;
  console.error('e2e: there is no Chromium here and none could be installed.');
  process.exit(1);
}

function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

provideChromium();
const electron = electronRuntime({ install: 'missing' });
if (electron === undefined)
  console.log('e2e: NOT RUN in Electron: its runtime could not be had on this machine.');
if (electron !== undefined && needsDisplay && !has('xvfb-run')) apt('xvfb', 'xauth');
if (!process.env['SLIPWAY_E2E_BUILT']) await buildParts(DESKTOP_PARTS);
const list = ['playwright', 'test', ...process.argv.slice(2)];
const [command = 'playwright', ...args] =
  needsDisplay && has('xvfb-run') ? ['xvfb-run', '-a', ...list] : list;
process.exitCode = await run(command, args);
