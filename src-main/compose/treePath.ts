/**
 * Paths in a document. `render` makes the one that people read; patterns such as `services.*.ports` are matched while
 * walking, by descending a trie, so that a walk costs what the document is long and not documents × patterns.
 */

/** A step: a key, or an index in a list. */
export type Step = string | number;

/** `services.web.ports[0].target`; keys with odd characters are quoted. */
export function renderPath(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[^.[\]"\s]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `${text === '' ? '' : '.'}${JSON.stringify(step)}`;
  }
  return text;
}

/** The steps of a rendered path. */
export function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  for (const match of path.matchAll(/\[(\d+)\]|"((?:[^"\\]|\\.)*)"|([^.[\]"]+)/g)) {
    if (match[1] !== undefined) steps.push(Number(match[1]));
    else if (match[2] !== undefined) steps.push(JSON.parse(`"${match[2]}"`) as string);
    else steps.push(match[3] ?? '');
  }
  return steps;
}

/** A node of a pattern trie: what applies here, and where each key leads. `*` is any key or item. */
export interface Trie<T> {
  readonly value?: T;
  readonly next: ReadonlyMap<string, Trie<T>>;
}

/** Builds the trie of patterns like `services.*.ports`. */
export function trieOf<T>(patterns: Readonly<Record<string, T>>): Trie<T> {
  interface Building {
    value?: T;
    next: Map<string, Building>;
  }
  const root: Building = { next: new Map() };
  for (const [pattern, value] of Object.entries(patterns)) {
    let at = root;
    for (const part of pattern.split('.')) {
      let next = at.next.get(part);
      if (next === undefined) {
        next = { next: new Map() };
        at.next.set(part, next);
      }
      at = next;
    }
    at.value = value;
  }
  return root;
}

/** One step down the trie; undefined where no pattern goes any further. */
export function descend<T>(trie: Trie<T> | undefined, key: string | number): Trie<T> | undefined {
  if (trie === undefined) return undefined;
  const exact = typeof key === 'string' ? trie.next.get(key) : undefined;
  return exact ?? trie.next.get('*');
}
