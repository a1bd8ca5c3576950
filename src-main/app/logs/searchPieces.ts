import type { SearchPiece, StoredLine } from '#contract/requests/logs.ts';
import type { LogFilter } from '#contract/streams.ts';
import { type LogHit, type SearchProgress, searchLogs } from '#streams/logSearch.ts';
import type { LogStore } from '#streams/logStore/logStore.ts';
import type { StoredQuery } from '#streams/storedLines.ts';

/** What a reader asks of the store, as the store takes it. */
export function storedQuery(input: {
  readonly services?: readonly string[] | undefined;
  readonly filter?: LogFilter | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}): StoredQuery {
  const { services = [], filter, sinceMs, untilMs } = input;
  return { ...filter, services, sinceMs, untilMs };
}

export function plainHit({ preview, ...hit }: LogHit): StoredLine {
  return { ...hit, text: preview };
}

interface Reading {
  readonly store: LogStore;
  readonly isNew: (line: Buffer) => boolean;
}

/**
 * A search as pieces. It runs on while its reader is slow: what has come meanwhile goes out as one piece, and at most
 * MAX_HITS of logSearch are held. A reader that leaves ends it.
 */
export async function* searchPieces(
  open: () => Promise<Reading>,
  query: StoredQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<SearchPiece, void, void> {
  const { store, isNew } = await open();
  const abort = new AbortController();
  const either = signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]);
  const found = new Found();
  const search = searchLogs(store, query, {
    isNew,
    signal: either,
    onHits: (hits, progress) => found.add(hits, progress),
  });
  const ended = search.finally(() => found.end());
  // Awaited at the end; a reader that left before must not turn its failure into an unhandled one.
  ended.catch(() => undefined);
  try {
    while (await found.more()) yield found.take();
    const last = await ended;
    if (!either.aborted) yield { hits: [], ...last, done: true };
  } finally {
    abort.abort();
  }
}

/** Hits between the search and its reader. */
class Found {
  #hits: StoredLine[] = [];
  #progress: SearchProgress = { count: 0, searchedBytes: 0, totalBytes: 0 };
  #ended = false;
  #wake: (() => void) | undefined;

  add(hits: readonly LogHit[], progress: SearchProgress): void {
    this.#hits.push(...hits.map(plainHit));
    this.#progress = progress;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** False when nothing is left and nothing more comes. */
  async more(): Promise<boolean> {
    while (this.#hits.length === 0 && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#hits.length > 0;
  }

  take(): SearchPiece {
    return { hits: this.#hits.splice(0), ...this.#progress, done: false };
  }
}
