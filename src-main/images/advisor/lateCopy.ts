import path from 'node:path';
import type { Advice, BuildView } from '#contract/requests/builds.ts';
import { copiedPaths, type Instruction } from '../build/dockerfile.ts';
import type { AdvisorFacts } from './advise.ts';
import { ECOSYSTEMS, type Ecosystem } from './ecosystems.ts';
import { unifiedDiff } from './unifiedDiff.ts';

interface Found {
  readonly copy: Instruction;
  readonly run: Instruction;
  readonly ecosystem: Ecosystem;
  /** Where the manifests stand in the context; empty or ending in `/`. */
  readonly folder: string;
  readonly manifests: readonly string[];
  /** Where they go in the image. */
  readonly target: string;
}

/** Dependencies that are installed after the source was copied are installed again for every change of the source. */
export function lateCopyAdvice(facts: AdvisorFacts, instructions: readonly Instruction[]): readonly Advice[] {
  const found = find(facts, instructions);
  return found === undefined ? [] : [advice(facts, found)];
}

/** The first install that stands behind a copy of the source, in one stage, without its manifests copied before that. */
function find(facts: AdvisorFacts, instructions: readonly Instruction[]): Found | undefined {
  for (const run of instructions.filter(({ keyword }) => keyword === 'RUN')) {
    const ecosystem = ECOSYSTEMS.find((entry) => entry.installs.test(run.rest));
    if (ecosystem === undefined) continue;
    const before = instructions.filter(({ stage, line }) => stage === run.stage && line < run.line);
    const found = before
      .map((copy) => sourceCopy(facts, copy, ecosystem))
      .find((entry) => entry !== undefined);
    if (found === undefined || isFetchedBefore(before, found.copy, ecosystem)) continue;
    return { ...found, run, ecosystem };
  }
  return undefined;
}

/** A copy of a folder that holds the manifests and more. */
function sourceCopy(
  facts: AdvisorFacts,
  copy: Instruction,
  ecosystem: Ecosystem,
): Omit<Found, 'run' | 'ecosystem'> | undefined {
  const paths = copiedPaths(copy);
  if (paths === undefined) return undefined;
  const names = new Set(facts.context.map((entry) => entry.path));
  const folders = new Set(facts.context.filter(({ kind }) => kind === 'folder').map((entry) => entry.path));
  for (const source of paths.sources) {
    const clean = path.posix.normalize(source).replace(/^\/|\/$/g, '');
    const folder = clean === '.' || clean === '' ? '' : `${clean}/`;
    if (folder !== '' && !folders.has(clean)) continue;
    if (!ecosystem.needsOneOf.some((name) => names.has(`${folder}${name}`))) continue;
    const manifests = ecosystem.manifests.filter((name) => names.has(`${folder}${name}`));
    return { copy, folder, manifests, target: paths.target };
  }
  return undefined;
}

/** Somebody thought of it: an install or a fetch stands before the source is copied, or downloads are kept between builds. */
function isFetchedBefore(before: readonly Instruction[], copy: Instruction, ecosystem: Ecosystem): boolean {
  return before.some(
    ({ keyword, line, rest }) =>
      keyword === 'RUN' &&
      line < copy.line &&
      (ecosystem.installs.test(rest) ||
        /\b(fetch|download|go-offline|dependencies|chef cook|--no-root|--no-install-project)\b/.test(rest)),
  );
}

function advice(facts: AdvisorFacts, found: Found): Advice {
  const { ecosystem, copy, run } = found;
  const text = changed(facts.text, found);
  const costMs = costOf(facts.lastBuild, run.line);
  const names = found.manifests.join(', ');
  const file = facts.files.dockerfile;
  return {
    rule: 'late-copy',
    severity: 'slow',
    title: `Every change of the source installs the ${ecosystem.name} dependencies again`,
    explanation: `COPY on line ${copy.line} brings the source before ${ecosystem.name} runs on line ${run.line}, so the cache is lost with every edit. Copy ${names} first, install, then copy the rest.`,
    line: run.line,
    ...(costMs === undefined ? {} : { costMs }),
    ...(file === undefined
      ? {}
      : { change: { file, text, diff: unifiedDiff(facts.dockerfile, facts.text, text) } }),
  };
}

function costOf(build: BuildView | undefined, line: number): number | undefined {
  const step = build?.steps.find((entry) => entry.line === line && entry.status === 'done');
  return step?.tookMs;
}

/** The Dockerfile with the manifests copied and installed from before the source comes. */
function changed(text: string, found: Found): string {
  const lines = text.split('\n');
  const { copy, run, ecosystem } = found;
  const runText = lines.slice(run.line - 1, run.endLine);
  const copyText = lines.slice(copy.line - 1, copy.endLine);
  const between = lines.slice(copy.endLine, run.line - 1);
  const { install, rest } = splitRun(run, runText, ecosystem);
  const fetched = ecosystem.fetch === undefined ? install : [`RUN ${fetchCommand(ecosystem, run)}`];
  const kept = ecosystem.fetch === undefined ? rest : runText;
  // What stands between (a WORKDIR, an ENV) belongs before both; a command may need the source and stays behind it.
  const [ahead, behind] = divided(between);
  return [
    ...lines.slice(0, copy.line - 1),
    ...ahead,
    ...manifestCopies(found),
    ...fetched,
    ...copyText,
    ...behind,
    ...kept,
    ...lines.slice(run.endLine),
  ].join('\n');
}

function divided(between: readonly string[]): readonly [ahead: readonly string[], behind: readonly string[]] {
  const needs = between.findIndex((line) => /^\s*(RUN|COPY|ADD)\b/i.test(line));
  if (needs < 0) return [between, []];
  return [between.slice(0, needs), between.slice(needs)];
}

/** `npm ci && npm run build`: only the first part needs the manifests alone. */
function splitRun(
  run: Instruction,
  lines: readonly string[],
  ecosystem: Ecosystem,
): { readonly install: readonly string[]; readonly rest: readonly string[] } {
  const parts = run.rest.split(/\s*&&\s*/);
  const at = parts.findIndex((part) => ecosystem.installs.test(part));
  if (parts.length === 1 || at < 0 || at === parts.length - 1) return { install: lines, rest: [] };
  const flags = run.flags.length > 0 ? `${run.flags.join(' ')} ` : '';
  const [install, rest] = [parts.slice(0, at + 1), parts.slice(at + 1)];
  return { install: [`RUN ${flags}${install.join(' && ')}`], rest: [`RUN ${flags}${rest.join(' && ')}`] };
}

function fetchCommand(ecosystem: Ecosystem, run: Instruction): string {
  const flags = run.flags.length > 0 ? `${run.flags.join(' ')} ` : '';
  const command = ecosystem.fetch ?? '';
  if (ecosystem.name === 'Maven' && run.rest.includes('./mvnw'))
    return `${flags}${command.replace(/^mvn/, './mvnw')}`;
  if (ecosystem.name === 'Gradle' && run.rest.includes('./gradlew'))
    return `${flags}${command.replace(/^gradle/, './gradlew')}`;
  return `${flags}${command}`;
}

/** Files together; a folder keeps its name only when it is copied by itself. */
function manifestCopies({ copy, folder, manifests, target }: Found): string[] {
  const owner = copy.flags.filter((flag) => flag.startsWith('--chown') || flag.startsWith('--chmod'));
  const head = ['COPY', ...owner].join(' ');
  const into = target.endsWith('/') || target === '.' ? target.replace(/^\.$/, './') : `${target}/`;
  const isFolder = (name: string) =>
    ['patches', '.yarn', 'requirements', '.mvn', 'gradle', '.cargo'].includes(name);
  const files = manifests.filter((name) => !isFolder(name)).map((name) => `${folder}${name}`);
  const folders = manifests.filter(isFolder).map((name) => `${head} ${folder}${name} ${into}${name}`);
  return [...(files.length > 0 ? [`${head} ${files.join(' ')} ${into}`] : []), ...folders];
}
