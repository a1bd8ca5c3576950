import type { Prerequisite } from './prerequisites.ts';

/** Where in a file something is wrong. Lines and columns count from 1. */
export interface Position {
  /** Absolute path of the file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Said {
  /** One sentence for the user: what happened. */
  readonly message: string;
  /** What the user can do about it, where that is known. */
  readonly hint?: string | undefined;
}

/** What a probe or healthcheck printed last, at most a few kilobytes. */
export interface HealthOutput {
  readonly exitCode: number;
  readonly output: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Everything that can go wrong, as plain data that crosses every boundary unchanged.
 * Made once, at the edge that saw it; nothing ever matches on `message`.
 */
export type AppError = Said &
  (
    | {
        readonly kind: 'compose.invalid';
        readonly at?: Position | undefined;
        /** Path in the document, e.g. `services.api.depends_on`. */
        readonly path?: string | undefined;
        readonly expected?: string | undefined;
        /** A name that exists and is spelt almost the same. */
        readonly suggestion?: string | undefined;
        /** Absolute path of a file that the compose files name and that is not there. */
        readonly missingFile?: string | undefined;
      }
    /** What the files count on outside of themselves and a boot cannot do without. */
    | { readonly kind: 'project.unready'; readonly missing: readonly Prerequisite[] }
    | { readonly kind: 'compose.notFound'; readonly folder: string }
    | {
        readonly kind: 'compose.cycle';
        readonly services: readonly string[];
        readonly at?: Position | undefined;
      }
    | {
        readonly kind: 'compose.variable';
        readonly variables: readonly string[];
        readonly at?: Position | undefined;
      }
    | {
        readonly kind: 'engine.unreachable';
        readonly endpoint: string;
        readonly reason: 'absent' | 'refused' | 'denied' | 'lost';
      }
    | { readonly kind: 'engine.tooOld'; readonly apiVersion: string; readonly minimum: string }
    | { readonly kind: 'engine.notFound'; readonly what: EngineObject; readonly id: string }
    | { readonly kind: 'engine.conflict'; readonly what: EngineObject; readonly id: string }
    | { readonly kind: 'engine.denied' }
    | { readonly kind: 'engine.failed'; readonly status: number; readonly transient: boolean }
    | {
        readonly kind: 'port.inUse';
        readonly port: number;
        readonly protocol: string;
        readonly holder?: string | undefined;
      }
    | { readonly kind: 'disk.full'; readonly where?: string | undefined }
    | { readonly kind: 'path.missing'; readonly path: string; readonly service?: string | undefined }
    | { readonly kind: 'path.denied'; readonly path: string; readonly service?: string | undefined }
    | { readonly kind: 'image.notFound'; readonly image: string }
    | { readonly kind: 'image.denied'; readonly image: string; readonly registry: string }
    | { readonly kind: 'image.expiredLogin'; readonly image: string; readonly registry: string }
    | {
        readonly kind: 'image.rateLimited';
        readonly image: string;
        readonly registry: string;
        readonly retryAfterMs?: number | undefined;
      }
    | {
        readonly kind: 'image.platform';
        readonly image: string;
        readonly wanted: string;
        readonly available: readonly string[];
      }
    | { readonly kind: 'image.corrupt'; readonly image: string }
    | {
        readonly kind: 'registry.unreachable';
        readonly registry: string;
        readonly reason: 'network' | 'tls' | 'proxy' | 'protocol';
      }
    | {
        readonly kind: 'build.failed';
        readonly service?: string | undefined;
        readonly at?: Position | undefined;
        readonly output: string;
      }
    | { readonly kind: 'dependency.exited'; readonly service: string; readonly exitCode: number }
    | {
        readonly kind: 'dependency.unhealthy';
        readonly service: string;
        readonly health?: HealthOutput | undefined;
      }
    | {
        readonly kind: 'dependency.timeout';
        readonly service: string;
        readonly afterMs: number;
        readonly health?: HealthOutput | undefined;
      }
    | {
        readonly kind: 'data.incompatible';
        readonly service: string;
        readonly found: string;
        readonly wanted: string;
        /** The volume with earlier data of the wanted version, where there is one. */
        readonly lane?: string | undefined;
      }
    | { readonly kind: 'data.consentRequired'; readonly missing: readonly string[] }
    | { readonly kind: 'data.dumpFailed'; readonly service: string; readonly output: string }
    | {
        readonly kind: 'data.verifyFailed';
        readonly service: string;
        readonly differences: readonly string[];
      }
    | { readonly kind: 'plan.stale' }
    | { readonly kind: 'run.busy'; readonly workspace: string; readonly running: string }
    | {
        readonly kind: 'run.failed';
        readonly failures: readonly { readonly service?: string | undefined; readonly error: AppError }[];
      }
    | { readonly kind: 'input.invalid'; readonly field?: string | undefined }
    | { readonly kind: 'notFound'; readonly what: string }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'protocol.version'; readonly client: number; readonly server: number }
    | { readonly kind: 'protocol.denied' }
    | { readonly kind: 'protocol.closed' }
    | { readonly kind: 'internal'; readonly stack?: string | undefined }
  );

/** What the engine keeps. */
export type EngineObject = 'container' | 'image' | 'network' | 'volume' | 'exec';

export type AppErrorKind = AppError['kind'];
export type AppErrorOf<K extends AppErrorKind> = Extract<AppError, { kind: K }>;

/** The one exception class: carries an AppError through code that throws. */
export class AppFailure extends Error {
  readonly error: AppError;

  constructor(error: AppError, options?: { readonly cause?: unknown }) {
    super(error.message, options);
    this.name = 'AppFailure';
    this.error = error;
  }
}

/** Is `thrown` a failure of this kind? Narrows to its data. */
export function isKind<K extends AppErrorKind>(
  thrown: unknown,
  ...kinds: readonly K[]
): thrown is AppFailure & { readonly error: AppErrorOf<K> } {
  return thrown instanceof AppFailure && (kinds as readonly string[]).includes(thrown.error.kind);
}

/** Any thrown value as data. What is not an AppFailure is a bug of ours and says so. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppFailure) return thrown.error;
  if (thrown instanceof Error && thrown.name === 'AbortError')
    return { kind: 'cancelled', message: 'Cancelled.' };
  if (thrown instanceof Error) return { kind: 'internal', message: thrown.message, stack: thrown.stack };
  return { kind: 'internal', message: String(thrown) };
}

/** Throws `cancelled` when the signal has been aborted; the reason, where it is an AppFailure. */
export function throwIfCancelled(
  signal: { readonly aborted: boolean; readonly reason: unknown } | undefined,
): void {
  if (!signal?.aborted) return;
  throw signal.reason instanceof AppFailure ? signal.reason : cancelled();
}

/** The failure of work that somebody stopped. */
export function cancelled(): AppFailure {
  return new AppFailure({ kind: 'cancelled', message: 'Cancelled.' });
}
