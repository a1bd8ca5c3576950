import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PACKAGE = path.resolve(import.meta.dirname, '..', 'node_modules', 'electron');

/** The runtime is some 100 MB; a connection that needs longer would rather have the browser now. */
const INSTALL_LIMIT_MS = 300_000;

/**
 * The executable of Electron's runtime; undefined where this machine can have none. `install`: fetch it when it is
 * missing, as the `electron` package itself does at its first start.
 */
export function electronRuntime(options: { readonly install: 'missing' | 'never' }): string | undefined {
  const own = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (own !== undefined) return existing(path.join(own, executableName()));
  const installed = existing(path.join(PACKAGE, 'dist', executableName()));
  if (installed !== undefined || options.install === 'never') return installed;
  console.log('Fetching the Electron runtime (once) …');
  spawnSync(process.execPath, [path.join(PACKAGE, 'install.js')], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: INSTALL_LIMIT_MS,
  });
  return existing(path.join(PACKAGE, 'dist', executableName()));
}

/** As electron's own installer wrote it down, or as it names it on this system. */
function executableName(): string {
  const noted = path.join(PACKAGE, 'path.txt');
  if (existsSync(noted)) return readFileSync(noted, 'utf8');
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

function existing(file: string): string | undefined {
  return existsSync(file) ? file : undefined;
}
