import { z } from 'zod';

/**
 * Byte streams (logs, shells): one channel each, a transferred MessagePort in Electron, a WebSocket in the browser.
 * Binary messages are data, text messages are control (JSON). Downward data is counted: the core stops reading its source
 * when more than CREDIT_BYTES are unacknowledged and goes on when less than RESUME_BYTES are.
 */
export const CREDIT_BYTES = 256 * 1024;
export const RESUME_BYTES = 32 * 1024;

/** What a field of a line that is JSON or logfmt must be like. Nested objects are named with dots: `http.status`. */
export const fieldTest = z.object({
  name: z.string().min(1).max(200),
  /** `has`: the line has the field, whatever its value. */
  is: z.enum(['equal', 'other', 'containing', 'has']),
  value: z.string().max(10_000),
});
export type FieldTest = z.infer<typeof fieldTest>;

/** Which lines are wanted; absent parts want all. */
export const logFilter = z.object({
  text: z.string().max(10_000).optional(),
  regex: z.boolean().default(false),
  caseSensitive: z.boolean().default(false),
  invert: z.boolean().default(false),
  levels: z.array(z.string()).optional(),
  streams: z.array(z.enum(['stdout', 'stderr'])).optional(),
  /** Only lines unlike any of a boot that ended green. */
  onlyNew: z.boolean().default(false),
  /** All of them must hold. */
  fields: z.array(fieldTest).max(50).optional(),
});
export type LogFilter = z.input<typeof logFilter>;

/** What a reader opens a channel with. */
export const streamRequest = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('logs'),
    workspace: z.string(),
    /** Empty: all services. */
    services: z.array(z.string()).max(1000),
    /** How many lines of the past come first. */
    tail: z.number().int().min(0).max(1_000_000).default(1000),
    follow: z.boolean().default(true),
    /** Only lines after this line (exclusive), for a reader that comes back. */
    after: z.string().optional(),
    /** Only lines at or after this time, milliseconds. */
    sinceMs: z.number().optional(),
    untilMs: z.number().optional(),
    filter: logFilter.optional(),
    /** For eyes: where lines come faster than one reads, the newest are sent and the others counted (`skipped`). */
    keepsUp: z.boolean().default(false),
  }),
  z.object({
    type: z.literal('terminal'),
    session: z.string(),
    columns: z.number().int().min(1).max(1000),
    rows: z.number().int().min(1).max(1000),
  }),
  z.object({
    type: z.literal('download'),
    /** From a request that prepared it (`files.read`, `logs.export`, `checkpoint.export`). */
    ticket: z.string(),
  }),
  z.object({
    type: z.literal('upload'),
    /** From `files.write`. The bytes go up as binary messages, then `end`; the channel ends once all of it is written. */
    ticket: z.string(),
  }),
]);
export type StreamRequest = z.infer<typeof streamRequest>;
export type StreamRequestInput = z.input<typeof streamRequest>;

/** Reader to core. Binary messages upward are input (a terminal's keys, an upload's bytes). */
export const upControl = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ack'), bytes: z.number().int().min(0) }),
  z.object({
    type: z.literal('resize'),
    columns: z.number().int().min(1).max(1000),
    rows: z.number().int().min(1).max(1000),
  }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('resume') }),
  z.object({ type: z.literal('end') }),
]);
export type UpControl = z.infer<typeof upControl>;

/** How far an upload may be ahead of what the core has `taken`. */
export const UPLOAD_AHEAD_BYTES = 1024 * 1024;

/** Core to reader. */
export type DownControl =
  | { readonly type: 'opened' }
  /** From here on the data is live; before, it was the past. */
  | { readonly type: 'live' }
  /** A terminal's process ended; the session stays readable. */
  | { readonly type: 'exited'; readonly exitCode: number }
  /** Here something is left out: `lines` that went by too fast to be read, `bytes` of a replay, or what the store has evicted. */
  | { readonly type: 'skipped'; readonly lines?: number; readonly bytes?: number }
  | { readonly type: 'note'; readonly text: string }
  /** So much of an upload has been taken since the last such message. */
  | { readonly type: 'taken'; readonly bytes: number }
  /** The last message of a channel; a clean end has no error. */
  | { readonly type: 'end'; readonly error?: unknown };
