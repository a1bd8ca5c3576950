/** One instruction of a Dockerfile, its continued lines and here-documents included. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string;
  /** What follows the keyword, continued lines joined by a space, comments taken out. */
  readonly text: string;
  /** `--from=build` and the like, before the rest of `text`. */
  readonly flags: readonly string[];
  /** `text` without its flags. */
  readonly rest: string;
  /** First and last line; count from 1. */
  readonly line: number;
  readonly endLine: number;
  /** Which FROM it belongs to, from 0; -1 before the first. */
  readonly stage: number;
}

/**
 * A Dockerfile as its instructions, without judging them: what is wrong is the builder's to say.
 * Source: Dockerfile reference, "Format", "Parser directives", "Here-documents".
 */
export function parseDockerfile(text: string): readonly Instruction[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const mark = escapeOf(lines);
  const found: Instruction[] = [];
  let stage = -1;
  for (let at = 0; at < lines.length; at += 1) {
    if (isBlank(lines[at])) continue;
    const { text: joined, last } = joinLines(lines, at, mark);
    const end = skipHereDocuments(lines, joined, last);
    const [, keyword = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(joined) ?? [];
    if (keyword.toUpperCase() === 'FROM') stage += 1;
    found.push({
      keyword: keyword.toUpperCase(),
      ...splitFlags(rest.trim()),
      line: at + 1,
      endLine: end + 1,
      stage,
    });
    at = end;
  }
  return found;
}

/** What a Dockerfile's COPY or ADD takes from the context and where it puts it; undefined where it takes from elsewhere. */
export function copiedPaths(
  instruction: Instruction,
): { readonly sources: readonly string[]; readonly target: string } | undefined {
  if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') return undefined;
  if (instruction.flags.some((flag) => flag.startsWith('--from='))) return undefined;
  const words = wordsOf(instruction.rest);
  const target = words.at(-1);
  if (target === undefined || words.length < 2 || instruction.rest.includes('<<')) return undefined;
  return { sources: words.slice(0, -1), target };
}

/** Words, or the items of a JSON list. */
export function wordsOf(text: string): readonly string[] {
  if (text.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list)) return list.map(String);
    } catch {
      // Not the JSON form: words, as the builder takes it.
    }
  }
  return text.split(/\s+/).filter((word) => word !== '');
}

function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name, value] = /^#\s*([a-z]+)\s*=\s*(.+?)\s*$/i.exec(line) ?? [];
    if (name === undefined) return '\\';
    if (name.toLowerCase() === 'escape') return value ?? '\\';
  }
  return '\\';
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || /^\s*(#|$)/.test(line);
}

/** Comments and empty lines between continued lines do not end the instruction. */
function joinLines(
  lines: readonly string[],
  first: number,
  mark: string,
): { readonly text: string; readonly last: number } {
  const parts: string[] = [];
  let at = first;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (at > first && isBlank(line)) continue;
    const trimmed = line.trimEnd();
    if (!trimmed.endsWith(mark)) {
      parts.push(line);
      break;
    }
    parts.push(trimmed.slice(0, -1).trimEnd());
  }
  return {
    text: parts.map((part, index) => (index === 0 ? part : part.trim())).join(' '),
    last: Math.min(at, lines.length - 1),
  };
}

/** The line on which the last here-document of an instruction ends. */
function skipHereDocuments(lines: readonly string[], text: string, last: number): number {
  if (!/^\s*(RUN|COPY|ADD)\b/i.test(text)) return last;
  let at = last;
  for (const [, dash, , word] of text.matchAll(/<<(-?)(["']?)([A-Za-z_]\w*)\2/g)) {
    const isEnd = (line: string) => (dash === '-' ? line.replace(/^\t+/, '') : line) === word;
    const end = lines.findIndex((line, index) => index > at && isEnd(line));
    if (end < 0) return lines.length - 1;
    at = end;
  }
  return at;
}

function splitFlags(text: string): Pick<Instruction, 'text' | 'flags' | 'rest'> {
  const flags: string[] = [];
  let rest = text;
  for (let found = /^--\S+\s*/.exec(rest); found !== null; found = /^--\S+\s*/.exec(rest)) {
    flags.push(found[0].trim());
    rest = rest.slice(found[0].length);
  }
  return { text, flags, rest };
}
