import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inject } from 'vitest';

/** `npm test` has built the command line before and takes it as it is installed; it starts in half the time. */
const MAIN =
  process.env['SLIPWAY_BUILT_CLI'] ?? path.resolve(import.meta.dirname, '../../../src-main/cli/main.ts');
const STACKS = path.resolve(import.meta.dirname, 'stacks');
/** No command of these tests takes longer; one that does is a failure and must not hang the run. */
const LIMIT_MS = 90_000;

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as a user has it: a process of its own, in a folder, with settings and state of its own. */
export class Cli {
  readonly folder: string;
  readonly home = mkdtempSync(path.join(os.tmpdir(), 'slipway-cli-'));

  constructor(stack: string) {
    this.folder = path.join(STACKS, stack);
  }

  /** Runs to the end, however it ends. */
  async run(...args: readonly string[]): Promise<CliResult> {
    return this.start(args).result;
  }

  /** The one JSON document on standard output. Throws when there is anything else. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { stdout, stderr } = await this.run(...args, '--json');
    try {
      return JSON.parse(stdout) as T;
    } catch {
      throw new Error(`no JSON document from ${args.join(' ')}:\n${stdout}\n${stderr}`);
    }
  }

  start(args: readonly string[], input?: string, env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      env: {
        ...process.env,
        DOCKER_HOST: inject('engineHost'),
        XDG_CONFIG_HOME: path.join(this.home, 'config'),
        XDG_DATA_HOME: path.join(this.home, 'data'),
        XDG_CACHE_HOME: path.join(this.home, 'cache'),
        ...env,
      },
      timeout: LIMIT_MS,
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.stdin.end(input);
    const result = new Promise<CliResult>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, ...output }));
    });
    return { child, output, result };
  }

  /** Takes the stack down, whatever the test left, and says what is still there. */
  async cleanUp(): Promise<string> {
    await this.run('down', '--volumes', '--yes', '--remove-orphans', '--timeout', '1');
    rmSync(this.home, { recursive: true, force: true });
    const { project } = await this.#leftBehind();
    return project;
  }

  async #leftBehind(): Promise<{ project: string }> {
    const name = `cli-${path.basename(this.folder)}`;
    const filter = `label=com.docker.compose.project=${name}`;
    const lists = [
      ['ps', '-aq', '--filter', filter],
      ['network', 'ls', '-q', '--filter', filter],
      ['volume', 'ls', '-q', '--filter', filter],
    ];
    const found = await Promise.all(lists.map((args) => docker(...args)));
    return { project: found.map(({ stdout }) => stdout.trim()).join('') };
  }
}

/** Docker's own command line, for what it says of the same stack. */
export function docker(...args: readonly string[]): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, {
      env: { ...process.env, DOCKER_HOST: inject('engineHost') },
      timeout: LIMIT_MS,
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...output }));
  });
}
