import type { AppError } from '#contract/errors.ts';
import type { LoadWarning, MissingVariable, Project } from './project.ts';

/** The loader's only way to files. `undefined` means that there is no such file. */
export interface ComposeFileReader {
  /**
   * The content of a file, at most `limit` bytes of it being read.
   * Rejects with an AppFailure on anything but "not there" (a directory, no permission, too large, not UTF-8).
   */
  readText(path: string, limit: number): Promise<string | undefined>;
  /** What stands at a path, symbolic links followed. */
  kind(path: string): Promise<'file' | 'folder' | 'other' | undefined>;
  /** The path with symbolic links resolved, or the path itself when it is not there. */
  realPath(path: string): Promise<string>;
  /** Lets others have the thread for a moment: asked for between the stages of a large load. */
  pause?(): Promise<void>;
}

export interface LoadOptions {
  /** Absolute. Where relative `files` start from and where the search for compose files begins. */
  readonly workingDir: string;
  /** The explicit `-f` files in order. Absent: `COMPOSE_FILE`, else the search. */
  readonly files?: readonly string[] | undefined;
  /** `--project-directory`. Absent: the folder of the first file. */
  readonly projectDirectory?: string | undefined;
  /** `-p`. Absent: `COMPOSE_PROJECT_NAME`, then `name:` in the files, then the folder's name. */
  readonly projectName?: string | undefined;
  /** `--profile`. Absent or empty: `COMPOSE_PROFILES`. */
  readonly profiles?: readonly string[] | undefined;
  /** `--env-file`. Absent or empty: `.env` in the project's folder, unless `COMPOSE_DISABLE_ENV_FILE`. */
  readonly envFiles?: readonly string[] | undefined;
  /** The process environment. It wins over every environment file. */
  readonly environment: Readonly<Record<string, string>>;
  readonly reader: ComposeFileReader;
  /** Appended last, when they exist: `.slipway/override.yaml`. */
  readonly overrideFiles?: readonly string[] | undefined;
  /** `keep` leaves `env_file` unread, as `docker compose config --hash` does. Default: `resolve`. */
  readonly envFileResolution?: 'resolve' | 'keep' | undefined;
}

/** Every error of the files at once. `missingVariables` are also among the errors, as `compose.variable`. */
export type LoadResult =
  | { readonly type: 'loaded'; readonly project: Project; readonly warnings: readonly LoadWarning[] }
  | {
      readonly type: 'invalid';
      readonly errors: readonly AppError[];
      readonly warnings: readonly LoadWarning[];
      readonly missingVariables: readonly MissingVariable[];
      /** What could be read, for a list to show beside the errors. Not to be run. */
      readonly partial?: { readonly name: string; readonly services: readonly string[] } | undefined;
    };
