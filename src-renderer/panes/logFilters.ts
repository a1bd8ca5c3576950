import type { FieldTest, LogFilter } from '#contract/streams.ts';

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
  /** What fields must be like. */
  readonly fields: readonly FieldTest[];
  /** Milliseconds since the epoch; both ends belong to it. */
  readonly span: TimeSpan;
}

/** A span of time that may be open at either end. */
export interface TimeSpan {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

export const NO_FILTER: FilterChoice = {
  only: 'all',
  levels: [],
  stream: 'both',
  onlyNew: false,
  fields: [],
  span: {},
};

/** Does the pane leave lines out? */
export function isFiltering(find: FindQuery, choice: FilterChoice): boolean {
  return streamFilter(find, choice) !== undefined || Object.keys(spanInput(choice)).length > 0;
}

/** The span as requests take it. */
export function spanInput({ span }: FilterChoice): { sinceMs?: number; untilMs?: number } {
  return {
    ...(span.sinceMs === undefined ? {} : { sinceMs: span.sinceMs }),
    ...(span.untilMs === undefined ? {} : { untilMs: span.untilMs }),
  };
}

/** `14:02:11 – 14:05:00`, with the day where it is not today. */
export function spanText({ sinceMs, untilMs }: TimeSpan): string {
  if (sinceMs === undefined) return `up to ${momentText(untilMs ?? 0)}`;
  return untilMs === undefined
    ? `from ${momentText(sinceMs)}`
    : `${momentText(sinceMs)} – ${momentText(untilMs)}`;
}

/** A time of the day, with the day where it is another one. */
export function momentText(ms: number): string {
  const date = new Date(ms);
  const time = date.toLocaleTimeString('en-GB');
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? time : `${date.toLocaleDateString('en-CA')} ${time}`;
}

/** `status = 500`, as a person reads it. */
export function fieldTestText({ name, is, value }: FieldTest): string {
  const words = { equal: '=', other: '≠', containing: 'has', has: '' }[is];
  return is === 'has' ? `has ${name}` : `${name} ${words} ${value}`;
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

function lineFilter({ levels, stream, onlyNew, fields }: FilterChoice): LogFilter {
  return {
    ...(levels.length > 0 ? { levels: [...levels] } : {}),
    ...(stream === 'both' ? {} : { streams: [stream] }),
    ...(onlyNew ? { onlyNew } : {}),
    ...(fields.length > 0 ? { fields: [...fields] } : {}),
  };
}
