export type TokenType =
  | 'streamEnd'
  | 'directive'
  | 'documentStart'
  | 'documentEnd'
  | 'blockListStart'
  | 'blockMapStart'
  | 'blockEnd'
  | 'flowListStart'
  | 'flowListEnd'
  | 'flowMapStart'
  | 'flowMapEnd'
  | 'blockEntry'
  | 'flowEntry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  readonly type: TokenType;
  readonly offset: number;
  /** The text of a scalar, the name of an anchor or alias, a tag as written. */
  readonly text: string;
  /** A scalar without quotes, whose type its text decides. */
  readonly plain: boolean;
}

/** A place where a key without `?` may have begun; it turns out when its colon comes. */
export interface SimpleKey {
  possible: boolean;
  /** Nothing but a key can stand there. */
  required: boolean;
  /** The number of the token that it would start with. */
  token: number;
  offset: number;
  line: number;
  column: number;
}

/** The place of no key. */
export function noKey(): SimpleKey {
  return { possible: false, required: false, token: 0, offset: 0, line: 0, column: 0 };
}

/** What comes after the last token, for ever. */
export function endOf(offset: number): Token {
  return { type: 'streamEnd', offset, text: '', plain: false };
}
