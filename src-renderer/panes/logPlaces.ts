import type { Client } from '#client/connection.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { LogLine } from '#contract/logBatch.ts';
import type { StoredLine } from '#contract/requests/logs.ts';
import type { LogFilter } from '#contract/streams.ts';
import type { TimeSpan } from './logFilters.ts';

/** Lines fetched before and behind a place. */
const AROUND = 400;

interface LogPlacesOptions {
  readonly client: Client;
  readonly workspace: WorkspaceId;
  readonly services: () => readonly string[];
  readonly filter: () => LogFilter | undefined;
  readonly span: () => TimeSpan;
}

/** What is stored around a place. */
export interface Around {
  readonly lines: readonly LogLine[];
  /** The line that was asked for, or the nearest to the instant. */
  readonly at: LogLine | undefined;
}

/** Fetches lines of the past for a pane: around a line or an instant, and further on from either end. */
export class LogPlaces {
  readonly #options: LogPlacesOptions;

  constructor(options: LogPlacesOptions) {
    this.#options = options;
  }

  /** A line among its neighbours, whatever the filter says of those. */
  async aroundLine(id: string): Promise<Around> {
    const lines = await this.#around({ line: id }, { before: AROUND, after: AROUND, filtered: 'no' });
    return { lines, at: lines.find((line) => line.id === id) };
  }

  /** The last line at or before an instant; `behind`: the first at or after it. */
  async aroundInstant(timeMs: number, side: 'before' | 'behind'): Promise<Around> {
    const lines = await this.#around({ timeMs }, { before: AROUND, after: AROUND, filtered: 'yes' });
    const behind = lines.find((line) => line.time >= timeMs);
    const before = lines.findLast((line) => line.time <= timeMs);
    return { lines, at: side === 'before' ? (before ?? behind) : (behind ?? before) };
  }

  /** A line of what is shown among all that are stored beside it. */
  async around(line: LogLine): Promise<readonly LogLine[]> {
    return this.#around({ line: line.id }, { before: AROUND, after: AROUND, filtered: 'yes' });
  }

  async older(line: LogLine): Promise<readonly LogLine[]> {
    return this.#around({ line: line.id }, { before: AROUND, after: 0, filtered: 'yes' });
  }

  async newer(line: LogLine): Promise<readonly LogLine[]> {
    const lines = await this.#around({ line: line.id }, { before: 0, after: AROUND + 1, filtered: 'yes' });
    return lines.filter(({ id }) => id > line.id);
  }

  /** The nearest error before or after a line. */
  async error(from: string, direction: 'before' | 'after'): Promise<StoredLine | undefined> {
    const { client, workspace, services, filter } = this.#options;
    const wanted = { ...filter(), levels: ['error', 'fatal'] };
    const query = { workspace, services: [...services()], filter: wanted, from, direction };
    return (await client.logs.find(query)).hit;
  }

  async boots() {
    const { client, workspace } = this.#options;
    return (await client.logs.boots({ workspace })).boots;
  }

  async #around(
    at: { readonly line: string } | { readonly timeMs: number },
    range: { readonly before: number; readonly after: number; readonly filtered: 'yes' | 'no' },
  ): Promise<readonly LogLine[]> {
    const { client, workspace, services, filter, span } = this.#options;
    const { before, after } = range;
    const own = range.filtered === 'yes' ? filter() : undefined;
    const query = { workspace, services: [...services()], at, before, after };
    const { lines } = await client.logs.around(own === undefined ? query : { ...query, filter: own });
    const { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY } = range.filtered === 'yes' ? span() : {};
    return lines.filter(({ timeMs }) => timeMs >= sinceMs && timeMs <= untilMs).map(logLine);
  }
}

const encoder = new TextEncoder();

function logLine({ timeMs, text, ...line }: StoredLine): LogLine {
  return { ...line, time: timeMs, text: encoder.encode(text) };
}
