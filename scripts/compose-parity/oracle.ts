import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const ORACLE_TIMEOUT_MS = 20_000;

const run = promisify(execFile);

/** What a case is run with: `parity.json` beside the file. */
export interface Setting {
  readonly file: string;
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export function settingOf(file: string, surroundings: NodeJS.ProcessEnv = process.env): Setting {
  const folder = path.dirname(file);
  const own = path.join(folder, 'parity.json');
  const given = existsSync(own) ? (JSON.parse(readFileSync(own, 'utf8')) as Partial<Setting>) : {};
  return {
    file,
    files: given.files ?? [path.basename(file)],
    profiles: given.profiles ?? [],
    envFiles: given.envFiles ?? [],
    environment: { ...definedOnly(surroundings), PWD: folder, ...given.environment },
  };
}

function oracleArguments({ files, profiles, envFiles }: Setting): string[] {
  const options = [
    ...files.flatMap((file) => ['-f', file]),
    ...profiles.flatMap((profile) => ['--profile', profile]),
    ...envFiles.flatMap((file) => ['--env-file', file]),
  ];
  return ['compose', ...options, 'config'];
}

/** What docker compose makes of a case; `broke`: it crashed or did not end, so that there is nothing to compare with. */
export type Oracle =
  | { readonly document: unknown }
  | { readonly problem: string }
  | { readonly broke: string };

export async function askOracle(setting: Setting): Promise<Oracle> {
  const { code, stdout, stderr } = await docker([...oracleArguments(setting), '--format', 'json'], setting);
  if (code === 0) return { document: JSON.parse(stdout.replaceAll('$$', '$')) };
  if (code === null) return { broke: 'it did not end' };
  const said = stderr.trim().split('\n');
  if (/^(?:panic|fatal error|runtime):/m.test(stderr)) return { broke: said[0] ?? '' };
  return { problem: said.filter((line) => !line.startsWith('time=')).join('\n') };
}

export async function askHashes(setting: Setting): Promise<Map<string, string>> {
  const { stdout } = await docker([...oracleArguments(setting), '--hash', '*'], setting);
  const lines = stdout.trim().split('\n');
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

interface Ended {
  /** null: it was ended, as it took too long. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** docker starts its plugins as processes of their own: only the whole group ends all of it. */
function docker(args: readonly string[], { file, environment }: Setting): Promise<Ended> {
  const child = spawn('docker', args, {
    cwd: path.dirname(file),
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const timer = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), ORACLE_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...output });
    });
  });
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** undefined when docker compose is not installed. */
export async function oracleVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await run('docker', ['compose', 'version', '--short'], { timeout: ORACLE_TIMEOUT_MS });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
