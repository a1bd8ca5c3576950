import type { Problems } from '../problems.ts';
import type { SourceFile } from '../source.ts';
import { YamlLimitError, YamlSyntaxError } from './cursor.ts';
import { type RawNode, type RawPair, VALUE_LIMIT } from './raw.ts';
import { Scanner } from './scanner.ts';
import type { Token, TokenType } from './token.ts';

/** Deeper than any document a human writes, shallow enough for recursion. */
const DEPTH_LIMIT = 200;

/**
 * The documents of a YAML text, unresolved. A syntax error is recorded, and the documents before it are returned.
 * The grammar is the one that docker compose reads (YAML 1.1 with the habits of libyaml), so that both take the same files.
 */
export function parseYaml(source: SourceFile, problems: Problems): RawNode[] {
  const roots: RawNode[] = [];
  try {
    for (const root of new Parser(source).documents()) roots.push(root);
  } catch (thrown) {
    if (!(thrown instanceof YamlSyntaxError)) throw thrown;
    problems.invalid({
      message: thrown instanceof YamlLimitError ? thrown.message : `This is no valid YAML. ${thrown.message}`,
      place: { source, offset: Math.min(thrown.offset, source.text.length) },
      expected: 'valid YAML',
    });
  }
  return roots;
}

/** The tokens that show that a node was left out. */
const NO_ROOT: ReadonlySet<TokenType> = new Set([
  'directive',
  'documentStart',
  'documentEnd',
  'streamEnd',
] as const);
const NO_BLOCK_ITEM: ReadonlySet<TokenType> = new Set(['blockEntry', 'blockEnd'] as const);
const NO_INDENTLESS_ITEM: ReadonlySet<TokenType> = new Set([
  'blockEntry',
  'key',
  'value',
  'blockEnd',
] as const);
const NO_BLOCK_NODE: ReadonlySet<TokenType> = new Set(['key', 'value', 'blockEnd'] as const);
const NO_FLOW_LIST_KEY: ReadonlySet<TokenType> = new Set(['value', 'flowEntry', 'flowListEnd'] as const);
const NO_FLOW_MAP_KEY: ReadonlySet<TokenType> = new Set(['value', 'flowEntry', 'flowMapEnd'] as const);

/** What may follow an anchor or a tag. */
interface Marks {
  anchor: string | undefined;
  tag: string | undefined;
  offset: number;
}

class Parser {
  readonly #source: SourceFile;
  readonly #scanner: Scanner;
  #anchors = new Map<string, RawNode>();
  #depth = 0;
  /** Of all documents: a file with more is not read to its end. */
  #values = 0;

  constructor(source: SourceFile) {
    this.#source = source;
    this.#scanner = new Scanner(source.text);
    checkCharacters(source.text);
  }

  *documents(): Generator<RawNode> {
    for (let first = true; ; first = false) {
      while (this.#is('documentEnd')) this.#scanner.next();
      if (this.#is('streamEnd')) return;
      this.#anchors = new Map();
      yield this.#document(first);
    }
  }

  #document(first: boolean): RawNode {
    const isExplicit = this.#is('directive') || this.#is('documentStart');
    if (!isExplicit && first) return this.#node('block', 'plain');
    while (this.#is('directive')) this.#directive();
    const start = this.#scanner.next();
    if (start.type !== 'documentStart')
      this.#fail('Here a new document would have to begin, with ---.', start);
    if (this.#isOneOf(NO_ROOT)) return this.#empty(start.offset);
    return this.#node('block', 'plain');
  }

  /** The version must be the one that is spoken here. Tag shorthands have no use in a compose file. */
  #directive(): void {
    const token = this.#scanner.next();
    const version = /^%YAML\s+(\S+)/.exec(token.text)?.[1];
    if (version !== undefined && version !== '1.1')
      this.#fail(`Compose files are YAML 1.1, not ${version}: leave the %YAML line out.`, token);
  }

  #is(type: TokenType): boolean {
    return this.#scanner.peek().type === type;
  }

  #isOneOf(types: ReadonlySet<TokenType>): boolean {
    return types.has(this.#scanner.peek().type);
  }

  #fail(message: string, token: Token): never {
    throw new YamlSyntaxError(message, token.offset);
  }

  /** `context`: whether blocks may begin here; `list`: whether a list may stand at its parent's column. */
  #node(context: 'block' | 'flow', list: 'plain' | 'indentless'): RawNode {
    this.#depth += 1;
    this.#values += 1;
    // Keys are counted here, and have no part in the limit: twice as many nodes are too many in any case.
    if (this.#values > 2 * VALUE_LIMIT)
      throw new YamlLimitError(`This file has more than ${VALUE_LIMIT} values.`, this.#scanner.peek().offset);
    if (this.#depth > DEPTH_LIMIT)
      this.#fail(`This is nested deeper than ${DEPTH_LIMIT} levels.`, this.#scanner.peek());
    const node = this.#is('alias') ? this.#alias() : this.#content(this.#marks(), context, list);
    this.#depth -= 1;
    return node;
  }

  #alias(): RawNode {
    const token = this.#scanner.next();
    const target = this.#anchors.get(token.text);
    if (target === undefined) this.#fail(`The alias *${token.text} names no anchor before it.`, token);
    return { kind: 'alias', name: token.text, target, source: this.#source, offset: token.offset };
  }

  #marks(): Marks {
    const { type, offset } = this.#scanner.peek();
    const marks: Marks = { anchor: undefined, tag: undefined, offset };
    if (type !== 'anchor' && type !== 'tag') return marks;
    for (let count = 0; count < 2; count += 1) {
      if (this.#is('anchor') && marks.anchor === undefined) marks.anchor = this.#scanner.next().text;
      else if (this.#is('tag') && marks.tag === undefined) marks.tag = shortTag(this.#scanner.next().text);
    }
    return marks;
  }

  #content(marks: Marks, context: 'block' | 'flow', list: 'plain' | 'indentless'): RawNode {
    const token = this.#scanner.peek();
    switch (token.type) {
      case 'blockEntry':
        if (list === 'indentless') return this.#list(marks, (items) => this.#indentlessItems(items));
        break;
      case 'scalar':
        this.#scanner.next();
        return this.#scalar(marks, token);
      case 'flowListStart':
        return this.#list(marks, (items) => this.#flowItems(items));
      case 'flowMapStart':
        return this.#map(marks, (pairs) => this.#flowPairs(pairs));
      case 'blockListStart':
        if (context === 'block') return this.#list(marks, (items) => this.#blockItems(items));
        break;
      case 'blockMapStart':
        if (context === 'block') return this.#map(marks, (pairs) => this.#blockPairs(pairs));
        break;
    }
    if (marks.anchor === undefined && marks.tag === undefined) this.#fail('A value is missing here.', token);
    return this.#scalar(marks, { type: 'scalar', offset: marks.offset, text: '', plain: true });
  }

  #scalar(marks: Marks, token: Token): RawNode {
    const { text, plain } = token;
    return this.#register(marks, {
      kind: 'scalar',
      text,
      plain: plain && marks.tag !== '!',
      source: this.#source,
      offset: token.offset,
      tag: marks.tag === '!' ? undefined : marks.tag,
    });
  }

  /** Anchored before it is filled: an alias inside it can name it. */
  #list(marks: Marks, fill: (items: RawNode[]) => void): RawNode {
    const items: RawNode[] = [];
    const node = this.#register(marks, {
      kind: 'list',
      items,
      source: this.#source,
      offset: marks.offset,
      tag: marks.tag,
    });
    fill(items);
    return node;
  }

  #map(marks: Marks, fill: (pairs: RawPair[]) => void): RawNode {
    const pairs: RawPair[] = [];
    const node = this.#register(marks, {
      kind: 'map',
      pairs,
      source: this.#source,
      offset: marks.offset,
      tag: marks.tag,
    });
    fill(pairs);
    return node;
  }

  #register(marks: Marks, node: RawNode): RawNode {
    if (marks.anchor !== undefined) this.#anchors.set(marks.anchor, node);
    return node;
  }

  #empty(offset: number): RawNode {
    return { kind: 'scalar', text: '', plain: true, source: this.#source, offset };
  }

  #blockItems(items: RawNode[]): void {
    this.#scanner.next();
    while (this.#is('blockEntry')) {
      const { offset } = this.#scanner.next();
      items.push(this.#isOneOf(NO_BLOCK_ITEM) ? this.#empty(offset) : this.#node('block', 'plain'));
    }
    const end = this.#scanner.next();
    if (end.type !== 'blockEnd')
      this.#fail('This line fits no item of the list above: check its indentation.', end);
  }

  #indentlessItems(items: RawNode[]): void {
    while (this.#is('blockEntry')) {
      const { offset } = this.#scanner.next();
      const isEmpty = this.#isOneOf(NO_INDENTLESS_ITEM);
      items.push(isEmpty ? this.#empty(offset) : this.#node('block', 'plain'));
    }
  }

  #blockPairs(pairs: RawPair[]): void {
    this.#scanner.next();
    while (this.#is('key')) {
      const { offset } = this.#scanner.next();
      const isEmpty = this.#isOneOf(NO_BLOCK_NODE);
      const key = isEmpty ? this.#empty(offset) : this.#node('block', 'indentless');
      pairs.push({ key, value: this.#blockValue(key) });
    }
    const end = this.#scanner.next();
    if (end.type !== 'blockEnd')
      this.#fail('This line fits no key of the map above: check its indentation.', end);
  }

  #blockValue(key: RawNode): RawNode {
    if (!this.#is('value')) return this.#empty(key.offset);
    const { offset } = this.#scanner.next();
    return this.#isOneOf(NO_BLOCK_NODE) ? this.#empty(offset) : this.#node('block', 'indentless');
  }

  #flowItems(items: RawNode[]): void {
    this.#scanner.next();
    for (let first = true; !this.#is('flowListEnd'); first = false) {
      if (!first) {
        const comma = this.#scanner.next();
        if (comma.type !== 'flowEntry') this.#fail('A comma or ] is missing here.', comma);
        if (this.#is('flowListEnd')) break;
      }
      items.push(this.#is('key') ? this.#singlePair() : this.#node('flow', 'plain'));
    }
    this.#scanner.next();
  }

  /** `[a: b]` is a list of one map. */
  #singlePair(): RawNode {
    const { offset } = this.#scanner.next();
    const isEmpty = this.#isOneOf(NO_FLOW_LIST_KEY);
    const key = isEmpty ? this.#empty(offset) : this.#node('flow', 'plain');
    const value = this.#flowValue(key, 'flowListEnd');
    return { kind: 'map', pairs: [{ key, value }], source: this.#source, offset };
  }

  #flowPairs(pairs: RawPair[]): void {
    this.#scanner.next();
    for (let first = true; !this.#is('flowMapEnd'); first = false) {
      if (!first) {
        const comma = this.#scanner.next();
        if (comma.type !== 'flowEntry') this.#fail('A comma or } is missing here.', comma);
        if (this.#is('flowMapEnd')) break;
      }
      pairs.push(this.#flowPair());
    }
    this.#scanner.next();
  }

  #flowPair(): RawPair {
    if (!this.#is('key')) {
      const lone = this.#node('flow', 'plain');
      return { key: lone, value: this.#empty(lone.offset) };
    }
    const { offset } = this.#scanner.next();
    const isEmpty = this.#isOneOf(NO_FLOW_MAP_KEY);
    const key = isEmpty ? this.#empty(offset) : this.#node('flow', 'plain');
    return { key, value: this.#flowValue(key, 'flowMapEnd') };
  }

  #flowValue(key: RawNode, end: 'flowListEnd' | 'flowMapEnd'): RawNode {
    if (!this.#is('value')) return this.#empty(key.offset);
    const { offset } = this.#scanner.next();
    return this.#is('flowEntry') || this.#is(end) ? this.#empty(offset) : this.#node('flow', 'plain');
  }
}

const LONG_TAG = 'tag:yaml.org,2002:';

function shortTag(tag: string): string {
  return tag.startsWith(LONG_TAG) ? `!!${tag.slice(LONG_TAG.length)}` : tag;
}

/** Control characters have no place in YAML: usually the file is no text at all. */
function checkCharacters(text: string): void {
  const found = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/.exec(text);
  if (found)
    throw new YamlSyntaxError(
      `The character U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} cannot stand in a file.`,
      found.index,
    );
}
