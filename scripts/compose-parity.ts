import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DiskReader } from '#app/composeReader.ts';
import { configDocument } from '#compose/config.ts';
import { configHash } from '#compose/configHash.ts';
import { loadProject } from '#compose/load.ts';
import type { LoadResult } from '#compose/loadOptions.ts';
import { seededRandom } from '../test/support/mutateText.ts';
import { type Difference, differences } from './compose-parity/compare.ts';
import { writeExpected } from './compose-parity/expected.ts';
import { mutateCompose } from './compose-parity/mutate.ts';
import {
  askHashes,
  askOracle,
  type Oracle,
  oracleVersion,
  type Setting,
  settingOf,
} from './compose-parity/oracle.ts';

const USAGE = `usage: npm run compose:parity -- DIR… [--json] [--hash] [--only TEXT]

Runs our loader and "docker compose config" on every compose file below each DIR, in the file's folder and with the same
environment, and compares the results value for value.
  --json       one JSON document on standard output
  --hash       compare "config --hash '*'" as well
  --only TEXT  only files whose path contains TEXT
  --mutate N   change the files at random N times instead, and compare what both make of each; --seed S for the same again
  --write      write what docker compose says beside each case of DIR, as expected.json`;

/** A name that makes a YAML file a compose file. Override files belong to the file that they override. */
const COMPOSE_NAME = /^(?:.*[-_.])?(?:docker-)?compose(?:[-_.].*)?\.ya?ml$/i;
const OVERRIDE_NAME = /^(?:docker-)?compose\.override\.ya?ml$/i;
const SKIPPED_FOLDERS = new Set(['node_modules', '.git']);
type Outcome =
  | { readonly type: 'equal' | 'bothInvalid' | 'converted' }
  | { readonly type: 'different'; readonly differences: readonly Difference[] }
  | { readonly type: 'onlyOurs' | 'onlyTheirs'; readonly message: string }
  | { readonly type: 'crash' | 'oracleBroke'; readonly message: string };

interface Verdict {
  readonly file: string;
  readonly outcome: Outcome;
  /** Services whose hash differs, with --hash. */
  readonly hashes: readonly string[];
}

function composeFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && COMPOSE_NAME.test(entry.name) && !OVERRIDE_NAME.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.split(path.sep).some((part) => SKIPPED_FOLDERS.has(part)))
    .sort();
}

function load(setting: Setting, mode: 'resolve' | 'keep'): Promise<LoadResult> {
  const { file, files, profiles, envFiles, environment } = setting;
  return loadProject({
    workingDir: path.dirname(file),
    files,
    profiles,
    envFiles,
    environment,
    reader: new DiskReader(),
    envFileResolution: mode,
  });
}

async function judge(file: string, options: { readonly hash: boolean }): Promise<Verdict> {
  const setting = settingOf(file);
  const theirs = await askOracle(setting);
  let ours: LoadResult;
  try {
    ours = await load(setting, 'resolve');
  } catch (thrown) {
    return { file, outcome: { type: 'crash', message: String(thrown) }, hashes: [] };
  }
  const outcome = compare(ours, theirs);
  const hashes = options.hash && outcome.type === 'equal' ? await differentHashes(setting) : [];
  return { file, outcome, hashes };
}

function compare(ours: LoadResult, theirs: Oracle): Outcome {
  if ('broke' in theirs) return { type: 'oracleBroke', message: theirs.broke };
  if (ours.type === 'invalid') {
    const message = ours.errors.map((error) => error.message).join('\n');
    return 'problem' in theirs ? { type: 'bothInvalid' } : { type: 'onlyTheirs', message };
  }
  if ('problem' in theirs) {
    // An old format that docker compose has forgotten is read on purpose.
    const converted = ours.warnings.some((warning) => warning.kind === 'format.converted');
    return converted ? { type: 'converted' } : { type: 'onlyOurs', message: theirs.problem };
  }
  const found = differences(configDocument(ours.project), theirs.document);
  return found.length === 0 ? { type: 'equal' } : { type: 'different', differences: found };
}

async function differentHashes(setting: Setting): Promise<string[]> {
  const [ours, theirs] = await Promise.all([load(setting, 'keep'), askHashes(setting)]);
  if (ours.type === 'invalid') return ['?'];
  return Object.entries(ours.project.services)
    .filter(([name, service]) => configHash(service) !== theirs.get(name))
    .map(([name]) => name);
}

function isAgreement({ outcome }: Verdict): boolean {
  return ['equal', 'bothInvalid', 'converted', 'oracleBroke'].includes(outcome.type);
}

/** What there is to say of one file, a line each. */
function remarks({ file, outcome, hashes }: Verdict): string[] {
  const other = hashes.length > 0 ? [`${file}: other config hash: ${hashes.join(', ')}`] : [];
  switch (outcome.type) {
    case 'different':
      return outcome.differences.map(
        ({ at, ours, theirs }) => `${file}: ${at}: ours ${ours}, docker compose ${theirs}`,
      );
    case 'onlyOurs':
      return [`${file}: only docker compose objects: ${outcome.message}`];
    case 'onlyTheirs':
      return [`${file}: only we object: ${outcome.message}`];
    case 'oracleBroke':
      return [`${file}: docker compose broke: ${outcome.message}`];
    case 'crash':
      return [`${file}: crash: ${outcome.message}`];
    default:
      return other;
  }
}

function report(verdicts: readonly Verdict[]): void {
  for (const line of verdicts.flatMap(remarks)) console.log(line);
  const compared = verdicts.filter(({ outcome }) => outcome.type !== 'oracleBroke');
  const agreeing = compared.filter(isAgreement).length;
  const count = (type: Outcome['type']) => verdicts.filter(({ outcome }) => outcome.type === type).length;
  const share = compared.length === 0 ? 100 : (100 * agreeing) / compared.length;
  console.log(
    `${compared.length} compose files: ${agreeing} agree (${share.toFixed(2)} %): ${count('equal')} equal, ` +
      `${count('bothInvalid')} invalid for both, ${count('converted')} of an old format`,
  );
}

/** Files as nobody wrote them: each in a copy of its folder, so that what it includes is there. */
async function judgeMutations(
  files: readonly string[],
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Verdict[]> {
  const random = seededRandom(seed);
  const place = mkdtempSync(path.join(os.tmpdir(), 'slipway-mutations-'));
  const verdicts: Verdict[] = [];
  try {
    for (let run = 0; run < count; run += 1) {
      const file = files[Math.floor(random() * files.length)] ?? '';
      const folder = path.join(place, String(run));
      cpSync(path.dirname(file), folder, { recursive: true, verbatimSymlinks: true });
      const changed = path.join(folder, path.basename(file));
      writeFileSync(changed, mutateCompose(readFileSync(file, 'utf8'), random));
      const verdict = await judge(changed, { hash: false });
      verdicts.push(verdict);
      if (isAgreement(verdict)) rmSync(folder, { recursive: true });
    }
  } finally {
    if (verdicts.every(isAgreement)) rmSync(place, { recursive: true, force: true });
  }
  return verdicts;
}

async function writeAll(folders: readonly string[], only: string | undefined): Promise<number> {
  for (const folder of folders) await writeExpected(path.resolve(folder), only);
  return 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      hash: { type: 'boolean' },
      only: { type: 'string' },
      write: { type: 'boolean' },
      mutate: { type: 'string' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    },
  });
  if (positionals.length === 0) {
    console.error(USAGE);
    return 2;
  }
  const version = await oracleVersion();
  if (version === undefined) {
    console.error('docker compose is not installed, so there is nothing to compare with.');
    return 2;
  }
  if (!values.json) console.log(`comparing with docker compose ${version}`);
  if (values.write) return writeAll(positionals, values.only);
  const files = positionals
    .flatMap((folder) => composeFiles(path.resolve(folder)))
    .filter((file) => values.only === undefined || file.includes(values.only));
  const verdicts: Verdict[] = [];
  if (values.mutate !== undefined) {
    if (!values.json) console.log(`seed ${values.seed}`);
    verdicts.push(
      ...(await judgeMutations(files, { count: Number(values.mutate), seed: Number(values.seed) })),
    );
  } else for (const file of files) verdicts.push(await judge(file, { hash: values.hash === true }));
  if (values.json) console.log(JSON.stringify({ version, verdicts }, undefined, 2));
  else report(verdicts);
  return verdicts.every(isAgreement) ? 0 : 1;
}

process.exitCode = await main();
