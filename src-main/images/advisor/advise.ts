import type { Advice, BuildView } from '#contract/requests/builds.ts';
import { copiedPaths, type Instruction, parseDockerfile } from '../build/dockerfile.ts';
import { IgnoreRules, readIgnoreFile } from '../build/ignoreRules.ts';
import { cacheMountAdvice } from './cacheMount.ts';
import { lateCopyAdvice } from './lateCopy.ts';

/** What is looked at. Nothing here reads a file: the same facts give the same advice. */
export interface AdvisorFacts {
  /** As the diff names it, relative to the context where it is in it. */
  readonly dockerfile: string;
  readonly text: string;
  /** Absolute paths of what a change would be written to. */
  readonly files: { readonly dockerfile?: string | undefined; readonly ignore: string };
  /** Text of the ignore file that counts; undefined where there is none. */
  readonly ignore: string | undefined;
  /** What stands at the top of the context and, of folders that are not ignored, one level below; with `/`. */
  readonly context: readonly ContextEntry[];
  readonly lastBuild?: BuildView | undefined;
}

export interface ContextEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

/** What makes builds slow or the image doubtful. Empty for a good Dockerfile. */
export function advise(facts: AdvisorFacts): readonly Advice[] {
  const instructions = parseDockerfile(facts.text);
  if (!instructions.some(({ keyword }) => keyword === 'FROM')) return [];
  const order: Readonly<Record<Advice['severity'], number>> = { slow: 0, risk: 1, note: 2 };
  const late = lateCopyAdvice(facts, instructions);
  return [
    ...late,
    // One thing at a time: an install that moves is measured anew first.
    ...(late.length > 0 ? [] : cacheMountAdvice(facts, instructions)),
    ...contextAdvice(facts, instructions),
    ...baseAdvice(instructions),
    ...userAdvice(facts, instructions),
  ].sort((a, b) => order[a.severity] - order[b.severity]);
}

/** Folders that are made by tools on this machine: large, and wrong inside an image. */
const MADE_HERE: Readonly<Record<string, string>> = {
  node_modules: 'installed packages of this machine',
  '.git': 'the whole history',
  '.venv': 'a virtual environment of this machine',
  venv: 'a virtual environment of this machine',
  __pycache__: 'compiled Python of this machine',
  target: 'build results of this machine',
  vendor: 'installed packages of this machine',
  '.gradle': 'build results of this machine',
};
/** `vendor` and `target` are also names of what people write themselves. */
const ONLY_WITH: Readonly<Record<string, readonly string[]>> = {
  target: ['pom.xml', 'Cargo.toml'],
  vendor: ['composer.json', 'Gemfile'],
};

function contextAdvice(facts: AdvisorFacts, instructions: readonly Instruction[]): readonly Advice[] {
  const whole = instructions.find((entry) => copiesAll(entry));
  if (whole === undefined) return [];
  const rules = new IgnoreRules(readIgnoreFile(facts.ignore ?? ''));
  const there = new Set(facts.context.map((entry) => entry.path));
  const sent = Object.keys(MADE_HERE).filter(
    (name) =>
      there.has(name) &&
      !rules.judge(name).ignored &&
      (ONLY_WITH[name]?.some((manifest) => there.has(manifest)) ?? true),
  );
  if (sent.length === 0) return [];
  const text = `${ended(facts.ignore ?? '')}${sent.join('\n')}\n`;
  const what = sent.map((name) => `${name} (${MADE_HERE[name]})`).join(', ');
  return [
    {
      rule: facts.ignore === undefined ? 'no-dockerignore' : 'context-too-large',
      severity: 'slow',
      title: `${sent.join(', ')} ${sent.length === 1 ? 'goes' : 'go'} into the image`,
      explanation: `COPY on line ${whole.line} takes ${what} along: every change in there builds everything after it anew. A .dockerignore leaves it out.`,
      line: whole.line,
      change: { file: facts.files.ignore, text, diff: ignoreDiff(facts.ignore, text) },
    },
  ];
}

function ignoreDiff(before: string | undefined, after: string): string {
  const old = (before ?? '').split('\n').filter((line) => line !== '');
  const added = after
    .split('\n')
    .filter((line) => line !== '')
    .slice(old.length);
  const head =
    before === undefined
      ? ['--- /dev/null', '+++ b/.dockerignore']
      : ['--- a/.dockerignore', '+++ b/.dockerignore'];
  const range = `@@ -${before === undefined ? 0 : old.length},0 +${old.length + 1},${added.length} @@`;
  return [...head, range, ...added.map((line) => `+${line}`), ''].join('\n');
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** `COPY . .` and its like. */
export function copiesAll(entry: Instruction): boolean {
  return copiedPaths(entry)?.sources.some((source) => /^(\.?\/?|\.\/\.)$/.test(source)) === true;
}

/** A base without a version is another one tomorrow. */
function baseAdvice(instructions: readonly Instruction[]): readonly Advice[] {
  const stages = new Set<string>();
  const found: Advice[] = [];
  for (const entry of instructions.filter(({ keyword }) => keyword === 'FROM')) {
    const [image = '', , name] = entry.rest.split(/\s+/);
    const floating = !image.includes('$') && !image.includes('@') && !/:(?!latest$)[^/]+$/.test(image);
    if (floating && image !== 'scratch' && !stages.has(image.toLowerCase())) {
      found.push({
        rule: 'latest-base',
        severity: 'risk',
        title: `${image} is whatever is newest`,
        explanation: `FROM ${image} names no version: a build tomorrow may start from another one, and fail for no change of yours.`,
        line: entry.line,
      });
    }
    if (name !== undefined) stages.add(name.toLowerCase());
  }
  return found;
}

/** Bases that are made to run as somebody else already. */
const ROOTLESS = /nonroot|distroless|unprivileged|^scratch$/;

function userAdvice(facts: AdvisorFacts, instructions: readonly Instruction[]): readonly Advice[] {
  const last = Math.max(...instructions.map(({ stage }) => stage));
  const own = instructions.filter(({ stage }) => stage === last);
  const base = own.find(({ keyword }) => keyword === 'FROM')?.rest.split(/\s+/)[0] ?? '';
  const users = own.filter(({ keyword }) => keyword === 'USER');
  const user = users.at(-1)?.rest.split(':')[0];
  if (user !== undefined && user !== 'root' && user !== '0') return [];
  // A stage on top of another of the same file may have its user from there.
  const inherited = instructions.some(({ keyword, rest }) => keyword === 'FROM' && rest.endsWith(` ${base}`));
  const starts = own.some(({ keyword }) => keyword === 'CMD' || keyword === 'ENTRYPOINT');
  if (ROOTLESS.test(base) || inherited || !starts || facts.text === '') return [];
  return [
    {
      rule: 'root-user',
      severity: 'note',
      title: 'The service runs as root',
      explanation:
        'No USER is set: whoever breaks into the service is root in its container. Most services need no more than a user of their own.',
      line: users.at(-1)?.line ?? own.at(-1)?.line,
    },
  ];
}
