import { createHash } from 'node:crypto';
import { splitCommand } from '#compose/bind/units.ts';
import { at, cleanText, entriesAt, isRecord, textAt, textsAt } from './manifest/read.ts';

/** Where one environment's manifest comes from. */
export interface ProductionEnvironment {
  readonly name: string;
  readonly source: ManifestSource;
  /** By service: the container that is meant, or false where production has none. */
  readonly services: Readonly<Record<string, string | false>>;
}

export type ManifestSource =
  | { readonly type: 'file'; readonly file: string }
  | { readonly type: 'url'; readonly url: string }
  /** Words, not a line: no shell reads them. A line that wants one says `[sh, -c, …]`. */
  | { readonly type: 'command'; readonly command: readonly string[] }
  | { readonly type: 'images'; readonly text: string; readonly count: number };

/** The only name of an environment that is given without one. */
const DEFAULT_NAME = 'production';
const KEYS = ['file', 'url', 'command', 'images'] as const;

/**
 * `x-slipway: { production: … }`: one source, or a map of environments. `file: deploy/k8s.yaml`, `url: https://…`,
 * `command: [kubectl, get, deploy, -o, yaml]`, `images: {api: acme/api:1}`; beside it `services: {api: shop-api/api}`.
 */
export function readEnvironments(declared: unknown, problems: string[]): readonly ProductionEnvironment[] {
  if (declared === undefined || declared === null) return [];
  if (typeof declared === 'string') return [environmentOf(DEFAULT_NAME, { file: declared }, problems)].flat();
  if (KEYS.some((key) => at(declared, key) !== undefined))
    return environmentOf(DEFAULT_NAME, declared, problems);
  if (!isRecord(declared))
    problems.push('x-slipway.production is neither a source nor a map of environments.');
  return entriesAt(declared).flatMap(([name, value]) =>
    environmentOf(name, typeof value === 'string' ? { file: value } : value, problems),
  );
}

function environmentOf(name: string, value: unknown, problems: string[]): readonly ProductionEnvironment[] {
  const source = sourceOf(value);
  if (source === undefined) {
    problems.push(`${name} names no source: it wants file, url, command or images.`);
    return [];
  }
  const services: Record<string, string | false> = {};
  for (const [service, container] of entriesAt(value, 'services')) {
    if (container === false) services[service] = false;
    if (typeof container === 'string') services[service] = cleanText(container);
  }
  return [{ name, source, services }];
}

function sourceOf(value: unknown): ManifestSource | undefined {
  const file = textAt(value, 'file');
  if (file !== undefined) return { type: 'file', file };
  const url = textAt(value, 'url');
  if (url !== undefined) return { type: 'url', url };
  const line = textAt(value, 'command');
  const command = textsAt(value, 'command') ?? (line === undefined ? undefined : splitCommand(line));
  if (command !== undefined && command.length > 0) return { type: 'command', command };
  const images = entriesAt(value, 'images');
  if (images.length === 0) return undefined;
  return { type: 'images', text: JSON.stringify({ images: at(value, 'images') }), count: images.length };
}

/** The consent that lets a command run: of this very command in this very folder. */
export function commandConsent(command: readonly string[], folder: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([folder, command]))
    .digest('hex');
  return `run-command:${hash.slice(0, 24)}`;
}

/** For a person: what will run, in full. */
export function commandLine(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
