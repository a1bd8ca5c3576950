import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';

/** Files in which projects show what their .env wants. */
const EXAMPLE_FILES = ['.env.example', '.env.sample', '.env.template', '.env.dist', 'env.example'];
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/;

/** What the first example file of a folder offers; undefined where there is none. */
export async function exampleValues(
  folder: string,
): Promise<{ readonly file: string; readonly values: Readonly<Record<string, string>> } | undefined> {
  for (const name of EXAMPLE_FILES) {
    const file = path.join(folder, name);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return { file, values: assignments(text) };
  }
  return undefined;
}

/**
 * Appends what is not set yet; a value that is there is never touched. Rejects with `input.invalid` for a name that is none.
 */
export async function writeVariables(file: string, values: Readonly<Record<string, string>>): Promise<void> {
  const before = (await readFile(file, 'utf8').catch(() => undefined)) ?? '';
  const known = assignments(before);
  const lines = Object.entries(values).flatMap(([name, value]) => {
    if (!NAME.test(name)) throw invalidName(name);
    return Object.hasOwn(known, name) ? [] : [`${name}=${quoted(value)}\n`];
  });
  if (lines.length === 0) return;
  const newline = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendFile(file, newline + lines.join(''), { mode: 0o600 });
}

function assignments(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, raw] = ASSIGNMENT.exec(line) ?? [];
    if (name !== undefined && raw !== undefined) values[name] = unquoted(raw.trim());
  }
  return values;
}

function unquoted(text: string): string {
  const [, quote, inner] = /^(['"])(.*)\1\s*(?:#.*)?$/.exec(text) ?? [];
  if (quote !== undefined && inner !== undefined) return inner;
  return text.replace(/\s+#.*$/, '');
}

/** Single quotes keep everything as it is; a value with both a quote and a line break needs the escapes of double ones. */
function quoted(text: string): string {
  if (/^[\w.,:/@%+-]*$/.test(text)) return text;
  if (!text.includes("'")) return `'${text}'`;
  const escaped = text.replace(/[\\"$]/g, '\\$&').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

function invalidName(name: string): AppFailure {
  return new AppFailure({ kind: 'input.invalid', field: name, message: `${name} is no name of a variable.` });
}
