import type { LogFilter } from '#contract/streams.ts';

/** What is looked for. */
export interface FindQuery {
  readonly text: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
}

/** Which lines a pane shows. */
export interface FilterChoice {
  /** `matching`: only lines that the search finds; `rest`: only the others. */
  readonly only: 'all' | 'matching' | 'rest';
  /** Empty: every level. */
  readonly levels: readonly string[];
  readonly stream: 'both' | 'stdout' | 'stderr';
  /** Only lines unlike any of a boot that ended green. */
  readonly onlyNew: boolean;
}

export const NO_FILTER: FilterChoice = { only: 'all', levels: [], stream: 'both', onlyNew: false };

/** Does the pane leave lines out? */
export function isFiltering(find: FindQuery, choice: FilterChoice): boolean {
  return streamFilter(find, choice) !== undefined;
}

/** What a pane asks its lines with; undefined for all of them. */
export function streamFilter(find: FindQuery, choice: FilterChoice): LogFilter | undefined {
  const byText = choice.only !== 'all' && find.text !== '';
  const filter: LogFilter = {
    ...lineFilter(choice),
    ...(byText ? { ...textFilter(find), invert: choice.only === 'rest' } : {}),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}

/** What the search asks with: the lines that the pane may show, but by text only for what is looked for. */
export function searchFilter(find: FindQuery, choice: FilterChoice): LogFilter {
  return { ...lineFilter(choice), ...textFilter(find) };
}

function textFilter({ text, regex, caseSensitive }: FindQuery): LogFilter {
  return { text, regex, caseSensitive };
}

function lineFilter({ levels, stream, onlyNew }: FilterChoice): LogFilter {
  return {
    ...(levels.length > 0 ? { levels: [...levels] } : {}),
    ...(stream === 'both' ? {} : { streams: [stream] }),
    ...(onlyNew ? { onlyNew } : {}),
  };
}
