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

/** `all`: whatever the pane's filter says of them. */
export type WhichLines = 'filtered' | 'all';

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

  async aroundLine(id: string, which: WhichLines): Promise<Around> {
    const lines = await this.#around({ line: id }, { before: AROUND, after: AROUND, which });
    return { lines, at: lines.find((line) => line.id === id) };
  }

  /** The last line at or before an instant; `behind`: the first at or after it. */
  async aroundInstant(timeMs: number, side: 'before' | 'behind'): Promise<Around> {
    const lines = await this.#around({ timeMs }, { before: AROUND, after: AROUND, which: 'filtered' });
    const behind = lines.find((line) => line.time >= timeMs);
    const before = lines.findLast((line) => line.time <= timeMs);
    return { lines, at: side === 'before' ? (before ?? behind) : (behind ?? before) };
  }

  /** A line of what is shown among those that are stored beside it. */
  async around(line: LogLine): Promise<readonly LogLine[]> {
    return this.#around({ line: line.id }, { before: AROUND, after: AROUND, which: 'filtered' });
  }

  async older(line: LogLine, which: WhichLines): Promise<readonly LogLine[]> {
    return this.#around({ line: line.id }, { before: AROUND, after: 0, which });
  }

  async newer(line: LogLine, which: WhichLines): Promise<readonly LogLine[]> {
    const lines = await this.#around({ line: line.id }, { before: 0, after: AROUND + 1, which });
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
    range: { readonly before: number; readonly after: number; readonly which: WhichLines },
  ): Promise<readonly LogLine[]> {
    const { client, workspace, services, filter, span } = this.#options;
    const { before, after, which } = range;
    const own = which === 'filtered' ? filter() : undefined;
    const query = { workspace, services: [...services()], at, before, after };
    const { lines } = await client.logs.around(own === undefined ? query : { ...query, filter: own });
    const { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY } = which === 'filtered' ? span() : {};
    return lines.filter(({ timeMs }) => timeMs >= sinceMs && timeMs <= untilMs).map(logLine);
  }
}

const encoder = new TextEncoder();

function logLine({ timeMs, text, ...line }: StoredLine): LogLine {
  return { ...line, time: timeMs, text: encoder.encode(text) };
}
