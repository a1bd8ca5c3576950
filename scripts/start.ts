import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { buildParts, DESKTOP_PARTS } from './build.ts';
import { electronRuntime } from './electronRuntime.ts';
import { serveWindow } from './serveWindow.ts';

/**
 * `npm start [-- FOLDER]`: builds what changed, then opens the desktop app; where there is no display or no Electron for
 * this machine, serves the same window to a browser and prints the address.
 */
const ROOT = path.resolve(import.meta.dirname, '..');

/** Relative to where the user stands, not to this package. */
function givenFolder(): string | undefined {
  const word = process.argv.slice(2).find((entry) => !entry.startsWith('-'));
  if (word === undefined) return undefined;
  const folder = path.resolve(process.env['INIT_CWD'] ?? process.cwd(), word);
  if (statSync(folder, { throwIfNoEntry: false })) return folder;
  console.error(`There is no ${folder}.`);
  process.exit(2);
}

function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/** Chromium's sandbox does not start for root; everybody else keeps it. */
function rootFlags(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

async function openDesktop(runtime: string, folder: string | undefined): Promise<number> {
  await buildParts(DESKTOP_PARTS);
  const words = [...rootFlags(), ROOT, ...(folder === undefined ? [] : [folder])];
  const child = spawn(runtime, words, { stdio: 'inherit' });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name));
  return new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ? 0 : (code ?? 1))));
}

async function openBrowser(why: string, folder: string | undefined): Promise<number> {
  console.log(`${why}: serving the window to a browser.`);
  await buildParts(['renderer']);
  await serveWindow({ folder, browser: hasDisplay() ? 'open' : 'leave' });
  return 0;
}

const folder = givenFolder();
const runtime = hasDisplay() ? electronRuntime({ install: 'missing' }) : undefined;
const why = hasDisplay() ? 'Electron is not to be had here' : 'There is no display';
process.exitCode = await (runtime === undefined ? openBrowser(why, folder) : openDesktop(runtime, folder));
