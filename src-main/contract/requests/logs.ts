import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { LogLevel, LogLineKind } from '../logBatch.ts';
import { logFilter } from '../streams.ts';
import { procedure, text, workspaceInput } from './procedure.ts';

/** A stored line as plain data. `text` may hold escape sequences: hostile until it is shown by a terminal or stripped. */
export interface StoredLine {
  /** As LogLine.id: sorts as lines do. */
  readonly id: string;
  readonly timeMs: number;
  readonly source: string;
  readonly kind: LogLineKind;
  readonly level: LogLevel;
  /** For matches: the beginning only. */
  readonly text: string;
}

/** One piece of a search's answer. */
export interface SearchPiece {
  /** The newest parts of the store come first; at most 10 000 in all. */
  readonly hits: readonly StoredLine[];
  /** All matches so far, also those that are not listed. */
  readonly count: number;
  readonly searchedBytes: number;
  readonly totalBytes: number;
  readonly done: boolean;
}

/** Where a download can be fetched, once, with a `download` stream; it is kept for some minutes. */
export interface Download {
  readonly ticket: string;
  readonly fileName: string;
  /** Where it is known before. */
  readonly sizeBytes?: number | undefined;
}

export interface LogFacts {
  readonly storedBytes: number;
  /** Kinds of lines that good boots have shown; 0: there was no good boot, and nothing can be new against it. */
  readonly knownKinds: number;
  /** False where another Slipway collects this project's logs. */
  readonly collectsHere: boolean;
}

/** A boot that the log knows of. */
export interface LoggedBoot {
  /** Of the line that says it began. */
  readonly id: string;
  readonly timeMs: number;
  readonly ended: 'green' | 'failed' | 'cancelled' | 'unknown';
}

/** One line, however long it is. */
export interface WholeLineText {
  readonly text: string;
  /** Longer than a window should show; `saveLine` has all of it. */
  readonly cut: boolean;
}

/** Everything stored of these services (empty or absent: of all), within a span of time. */
const stored = workspaceInput.extend({
  services: z.array(text).max(1000).optional(),
  filter: logFilter.optional(),
  sinceMs: z.number().optional(),
  untilMs: z.number().optional(),
});
const lineId = z.string().max(64);
const oneLine = workspaceInput.extend({ source: text, line: lineId });

export const logs = {
  facts: procedure.input(workspaceInput).output(type<LogFacts>()),
  /** Searches everything stored, from new to old; ends with a piece that is `done`. Stops when the reader stops. */
  search: procedure.input(stored).output(eventIterator(type<SearchPiece>())),
  /** The nearest matching line before or after a line. */
  find: procedure
    .input(stored.extend({ from: lineId, direction: z.enum(['before', 'after']) }))
    .output(type<{ readonly hit?: StoredLine | undefined }>()),
  /** The lines around a line, itself among them, or around an instant, of these services. */
  around: procedure
    .input(
      workspaceInput.extend({
        services: z.array(text).max(1000).optional(),
        at: z.union([z.object({ line: lineId }), z.object({ timeMs: z.number().min(0) })]),
        /** Without one the neighbours come whatever they are like. */
        filter: logFilter.optional(),
        before: z.number().int().min(0).max(5000),
        after: z.number().int().min(0).max(5000),
      }),
    )
    .output(type<{ readonly lines: readonly StoredLine[] }>()),
  /** Boots from old to new: the first that is still stored, and the last hundred. */
  boots: procedure.input(workspaceInput).output(type<{ readonly boots: readonly LoggedBoot[] }>()),
  /** A line that was too long to be sent, up to a megabyte of it. */
  line: procedure.input(oneLine).output(type<WholeLineText>()),
  /** Prepares a file with one line, whole and as it was written. */
  saveLine: procedure.input(oneLine).output(type<Download>()),
  /** Prepares a file with the lines that the filter lets through, in the order of time. */
  export: procedure.input(stored.extend({ format: z.enum(['text', 'jsonLines']) })).output(type<Download>()),
};
