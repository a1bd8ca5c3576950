/** Looks a variable up; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** What a substitution met on its way. */
export interface TemplateListener {
  /** A variable without a value and without a default: it becomes empty. */
  unset(name: string): void;
  /** `${NAME:?reason}` without a value. */
  required(name: string, reason: string): void;
}

/** The text is no template: a lone `$`, an unclosed brace, a name that is none. */
export class InvalidTemplate extends Error {}

/** Defaults may nest (`${A:-${B:-c}}`); nobody nests deeper. */
const DEPTH_LIMIT = 100;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and the like. `$$` is a dollar sign. */
export function substitute(template: string, lookup: Lookup, listener: TemplateListener, depth = 0): string {
  let at = template.indexOf('$');
  if (at < 0) return template;
  if (depth > DEPTH_LIMIT) throw new InvalidTemplate('nested too deep');
  let out = '';
  let from = 0;
  while (at >= 0) {
    out += template.slice(from, at);
    const [value, end] = variableAt(template, at, { lookup, listener, depth });
    out += value;
    from = end;
    at = template.indexOf('$', from);
  }
  return out + template.slice(from);
}

interface Context {
  readonly lookup: Lookup;
  readonly listener: TemplateListener;
  readonly depth: number;
}

/** The value of what starts with the dollar sign at `at`, and the offset behind it. */
function variableAt(template: string, at: number, context: Context): [string, number] {
  const next = template[at + 1];
  if (next === '$') return ['$', at + 2];
  if (next === '{') return bracedAt(template, at, context);
  const name = nameAt(template, at + 1);
  // `$(date)` and `$1` are the shell's business: a dollar sign before anything but a name stays.
  if (name === '') return ['$', at + 1];
  return [plain(name, context), at + 1 + name.length];
}

function bracedAt(template: string, at: number, context: Context): [string, number] {
  const name = nameAt(template, at + 2);
  if (name === '') throw new InvalidTemplate(template);
  const afterName = at + 2 + name.length;
  if (template[afterName] === '}') return [plain(name, context), afterName + 1];
  const operator = /:?[-?+]/y;
  operator.lastIndex = afterName;
  const found = operator.exec(template)?.[0];
  const end = closingBrace(template, at);
  if (end < 0 || found === undefined) throw new InvalidTemplate(template);
  const word = template.slice(afterName + found.length, end);
  return [applyOperator(name, found, word, context), end + 1];
}

function applyOperator(name: string, operator: string, word: string, context: Context): string {
  const { lookup, listener, depth } = context;
  const value = lookup(name);
  const present = value !== undefined && (operator.length === 1 || value !== '');
  const expanded = substitute(word, lookup, listener, depth + 1);
  switch (operator[operator.length - 1]) {
    case '-':
      return present ? value : expanded;
    case '+':
      return present ? expanded : (value ?? '');
    default:
      if (!present) listener.required(name, expanded);
      return value ?? '';
  }
}

function plain(name: string, { lookup, listener }: Context): string {
  const value = lookup(name);
  if (value === undefined) listener.unset(name);
  return value ?? '';
}

function nameAt(template: string, at: number): string {
  NAME.lastIndex = at;
  return NAME.exec(template)?.[0] ?? '';
}

/**
 * The offset of the brace that closes the expression at `at`, on the same line. As in docker compose, the character
 * after an opening brace is not looked at (`${A:-{}}` has the default `{}`), and when braces do not match up the last
 * one on the line counts.
 */
function closingBrace(template: string, at: number): number {
  const newline = template.indexOf('\n', at);
  const end = newline < 0 ? template.length : newline;
  let depth = 0;
  for (let index = at; index < end; index += 1) {
    if (template[index] === '}') {
      depth -= 1;
      if (depth === 0) return index;
    } else if (template[index] === '{') {
      depth += 1;
      index += 1;
    }
  }
  const last = template.lastIndexOf('}', end - 1);
  return last > at ? last : -1;
}
