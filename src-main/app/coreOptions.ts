import type { Clock } from '#base/clock.ts';
import type { Engine } from '#engine/engine.ts';

/** Everything the core takes from outside: a host fills it in once (`hostOptions.ts`), a test as it likes. */
export interface CoreOptions {
  /** Opens the engine that the user's tools would talk to. Rejects with an AppFailure of kind `engine.*`. */
  readonly connectEngine: (signal: AbortSignal) => Promise<Engine>;
  readonly clock: Clock;
  /** A fresh id, unique on this machine: letters, digits and `-`. */
  readonly newId: () => string;
  readonly folders: CoreFolders;
  /** The process environment, for interpolation and for where things are found. */
  readonly environment: Readonly<Record<string, string>>;
  /** The running Slipway's version. */
  readonly version: string;
  readonly logger: Logger;
  /** Opens a page in the user's browser. */
  readonly openExternal: (url: string) => Promise<void>;
  /**
   * `app` (the default) is there to be looked at: it remembers projects and collects logs. `command` serves one command and
   * ends: it leaves settings and logs alone.
   */
  readonly purpose?: 'app' | 'command' | undefined;
}

/** Absolute paths. Nothing needs to exist: what is written to is created. */
export interface CoreFolders {
  readonly home: string;
  /** Settings of the user. */
  readonly config: string;
  /** What must survive: boot history, logs, journals. */
  readonly state: string;
  /** What may go at any time. */
  readonly cache: string;
}

/** pino's shape, as far as the core uses it. Values of secrets never go in. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
