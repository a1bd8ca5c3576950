import type { Place } from './nodes.ts';

interface Marks {
  readonly anchor?: string | undefined;
  /** An explicit tag as written: `!reset`, `!!str`. */
  readonly tag?: string | undefined;
}

/** What the parser sees, before aliases, merge keys and types are resolved. */
export type RawNode = Place &
  (
    | ({ readonly kind: 'scalar'; readonly text: string; readonly plain: boolean } & Marks)
    | ({ readonly kind: 'list'; readonly items: readonly RawNode[] } & Marks)
    | ({ readonly kind: 'map'; readonly pairs: readonly RawPair[] } & Marks)
    | { readonly kind: 'alias'; readonly name: string }
  );

export interface RawPair {
  readonly key: RawNode;
  readonly value: RawNode;
}

export type RawMap = RawNode & { readonly kind: 'map' };
