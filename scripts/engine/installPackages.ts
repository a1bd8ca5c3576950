import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/** Something the scripts run that may have to be installed first. */
export interface Tool {
  readonly command: string;
  readonly package: string;
}

/** Where programs are looked for: PATH, and the folders of the superuser's programs that PATH often lacks. */
function searchPath(): string[] {
  return [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
}

/** The full path of a program, or undefined. */
export function findCommand(command: string): string | undefined {
  return searchPath()
    .map((folder) => path.join(folder, command))
    .find((file) => isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Installs the packages of the tools that are missing, with apt-get, as root on Debian or its kin.
 * Elsewhere it throws with what the user should install.
 */
export function installPackages(tools: readonly Tool[], log: (line: string) => void): void {
  const missing = tools.filter((tool) => findCommand(tool.command) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => tool.package))];
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error(
      `Missing: ${missing.map((tool) => tool.command).join(', ')}. On Debian: sudo apt-get install ${packages.join(' ')}`,
    );
  }
  log(`Installing with apt-get: ${packages.join(' ')}`);
  const install = ['install', '-y', '-q', '--no-install-recommends', ...packages];
  // The package lists may be stale or absent on a fresh machine: then refresh them once and try again.
  if (aptGet(install).status === 0) return;
  aptGet(['update', '-q']);
  const second = aptGet(install);
  if (second.status !== 0) throw new Error(`apt-get ${install.join(' ')} failed:\n${second.output}`);
}

function aptGet(args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const done = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
  });
  return {
    status: done.status,
    output: `${done.stdout}\n${done.stderr}`.trim().split('\n').slice(-12).join('\n'),
  };
}
