// biome-ignore-all lint/suspicious/noTemplateCurlyInString: compose's own templates
/** What makes trouble in YAML and in compose files. */
const PIECES = [
  ' ',
  '  ',
  '\t',
  '\n',
  '\r\n',
  '-',
  '- ',
  ':',
  ': ',
  '"',
  "'",
  '#',
  ' #',
  '[',
  ']',
  '{',
  '}',
  ',',
  ', ',
  '&a ',
  '*a',
  '!',
  '!x ',
  '!reset ',
  '!override ',
  '|',
  '>',
  '|-\n',
  '?',
  '? ',
  '%',
  '@',
  '`',
  '$',
  '${',
  '${X}',
  '${X:-',
  '$$',
  '~',
  'null',
  'true',
  'yes',
  '1',
  '0',
  '-1',
  '.',
  '1e999',
  '0o7',
  '\\',
  '<<: ',
  '<<: *a\n',
  'x-a: ',
  'é',
  '😀',
  '\ud800',
  '\u0000',
  '\ufeff',
  '\u2028',
  '---\n',
  '...\n',
  '""',
  "''",
  '[]',
  '{}',
  '=',
  '/',
  '..',
  '__proto__: ',
  'services: ',
  'extends: ',
  'include: ',
  'service:web',
  '99999999999999999999',
  '2020-01-01',
  '::',
  '0.0.0.0:',
];

/** A source of numbers from 0 to 1 that repeats itself for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The text with one to four pieces of damage. */
export function mutateText(text: string, random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  let result = text;
  for (let count = 1 + below(4); count > 0; count -= 1) {
    const at = below(result.length + 1);
    const kind = below(6);
    if (kind <= 1) result = result.slice(0, at) + PIECES[below(PIECES.length)] + result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + result.slice(at + 1 + below(20));
    else if (kind === 3) result = result.slice(0, at) + result.slice(below(at + 1), at) + result.slice(at);
    else result = mutateLine(result, below);
  }
  return result;
}

function mutateLine(text: string, below: (limit: number) => number): string {
  const lines = text.split('\n');
  const at = below(lines.length);
  const line = lines[at] ?? '';
  const kind = below(4);
  if (kind === 0) lines[at] = ` ${line}`;
  else if (kind === 1) lines[at] = line.replace(/^ {1,2}/, '');
  else if (kind === 2) lines.splice(at, 1);
  else lines.splice(at, 0, lines[below(lines.length)] ?? '');
  return lines.join('\n');
}
