import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const ORACLE_TIMEOUT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024;

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

/** What docker compose makes of a case. */
export type Oracle = { readonly document: unknown } | { readonly problem: string };

export async function askOracle(setting: Setting): Promise<Oracle> {
  const args = [...oracleArguments(setting), '--format', 'json'];
  try {
    const { stdout } = await run('docker', args, oracleOptions(setting));
    return { document: JSON.parse(stdout.replaceAll('$$', '$')) };
  } catch (thrown) {
    return { problem: stderrOf(thrown) };
  }
}

export async function askHashes(setting: Setting): Promise<Map<string, string>> {
  const args = [...oracleArguments(setting), '--hash', '*'];
  const { stdout } = await run('docker', args, oracleOptions(setting));
  const lines = stdout.trim().split('\n');
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

function oracleOptions({ file, environment }: Setting) {
  const cwd = path.dirname(file);
  return { cwd, env: environment, maxBuffer: OUTPUT_LIMIT_BYTES, timeout: ORACLE_TIMEOUT_MS };
}

function stderrOf(thrown: unknown): string {
  const lines =
    thrown instanceof Error && 'stderr' in thrown
      ? String(thrown.stderr).trim().split('\n')
      : [String(thrown)];
  return lines.filter((line) => !line.startsWith('time=')).join('\n');
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
