/** A line read as fields. Nested objects of JSON are flattened: `http.status`. */
export interface LogFields {
  readonly format: 'json' | 'logfmt';
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** A line with more is hardly a log line; the rest stays text. */
const MAX_FIELDS = 200;
const MAX_DEPTH = 5;
/** One `name=` in prose does not make a line logfmt. */
const MIN_LOGFMT_FIELDS = 2;

/** Undefined for a line that has no fields. Never throws: what a container prints may be anything. */
export function parseFields(line: string): LogFields | undefined {
  const start = line.trimStart();
  return start.startsWith('{') ? parseJson(start) : parseLogfmt(line);
}

function parseJson(line: string): LogFields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const fields: [string, string][] = [];
    flatten('', value, { fields, depth: 0 });
    return { format: 'json', fields };
  } catch {
    return undefined; // begins like JSON and is none
  }
}

function flatten(
  name: string,
  value: unknown,
  into: { readonly fields: [string, string][]; readonly depth: number },
): void {
  const { fields, depth } = into;
  if (fields.length >= MAX_FIELDS) return;
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < MAX_DEPTH) {
    for (const [key, member] of Object.entries(value)) {
      flatten(name === '' ? key : `${name}.${key}`, member, { fields, depth: depth + 1 });
    }
  } else fields.push([name, typeof value === 'string' ? value : JSON.stringify(value)]);
}

/** `key=value`, `key="quoted value"`, a key alone. Source: the Go package kr/logfmt. */
function parseLogfmt(line: string): LogFields | undefined {
  const fields: [string, string][] = [];
  let pairs = 0;
  for (const [text, name = '', quoted, bare] of line.matchAll(
    /([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?/g,
  )) {
    if (fields.length >= MAX_FIELDS) break;
    if (text.length > name.length) pairs++;
    fields.push([name, quoted === undefined ? (bare ?? '') : unquote(quoted)]);
  }
  // Prose with an equals sign somewhere: most words would be keys without a value.
  return pairs >= MIN_LOGFMT_FIELDS && pairs * 2 > fields.length ? { format: 'logfmt', fields } : undefined;
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char));
}
