import type { Place } from './nodes.ts';

/** Real files stay far below: five thousand services, each with thirty attributes. */
export const VALUE_LIMIT = 150_000;

interface Marks {
  /** An explicit tag as written: `!reset`, `!!str`. */
  readonly tag?: string | undefined;
}

/** What the parser sees, before aliases, merge keys and types are resolved. */
export type RawNode = Place &
  (
    | ({ readonly kind: 'scalar'; readonly text: string; readonly plain: boolean } & Marks)
    | ({ readonly kind: 'list'; readonly items: readonly RawNode[] } & Marks)
    | ({ readonly kind: 'map'; readonly pairs: readonly RawPair[] } & Marks)
    /** The node that an alias names. It may be around the alias, when a file is out to make trouble. */
    | { readonly kind: 'alias'; readonly name: string; readonly target: RawNode }
  );

export interface RawPair {
  readonly key: RawNode;
  readonly value: RawNode;
}

export type RawMap = RawNode & { readonly kind: 'map' };
