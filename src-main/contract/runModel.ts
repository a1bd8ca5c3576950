import type { AppError } from './errors.ts';
import type { RunId, ServiceName, WorkspaceId } from './ids.ts';

export type RunKind =
  | 'boot'
  | 'stop'
  | 'down'
  | 'start'
  | 'restart'
  | 'build'
  | 'pull'
  | 'switch'
  | 'matrix'
  | 'checkpoint'
  | 'restore'
  | 'swap'
  | 'unswap'
  | 'pack'
  | 'push'
  | 'scale'
  | 'replace'
  | 'fix';

export interface RunRecord {
  readonly type: 'run';
  readonly workspace: WorkspaceId;
  readonly id: RunId;
  readonly kind: RunKind;
  /** "Boot", "Switch postgres to 17". */
  readonly title: string;
  readonly services: readonly ServiceName[];
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly finishedAt?: number | undefined;
  /** How many steps there are; each is a StepRecord. */
  readonly steps: number;
  readonly stepsDone: number;
  /** Has nothing left to do but to see whether services come up: it makes room for whatever is asked for next. */
  readonly onlyWaits?: boolean | undefined;
  /** Milliseconds it will probably take in all, learned. */
  readonly estimateMs?: number | undefined;
  /** The pull of all images together, while one runs. */
  readonly pull?: Progress | undefined;
  /** What the plan cannot do as the files say, in words. */
  readonly warnings?: readonly string[] | undefined;
  /** Services on the chain that decided the total, first to last; known at the end. */
  readonly criticalPath?: readonly ServiceName[] | undefined;
}

export type RunStatus =
  | { readonly type: 'running' }
  | { readonly type: 'cancelling' }
  | { readonly type: 'done' }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: AppError };

export type StepKind =
  | 'createNetwork'
  | 'createVolume'
  | 'pull'
  | 'build'
  | 'create'
  | 'start'
  | 'await'
  | 'stop'
  | 'remove'
  | 'rename'
  | 'removeNetwork'
  | 'removeVolume'
  | 'restart'
  | 'hook'
  | 'dump'
  | 'restore'
  | 'verify'
  | 'copy'
  | 'other';

export interface StepRecord {
  readonly type: 'step';
  readonly workspace: WorkspaceId;
  readonly run: RunId;
  readonly index: number;
  readonly kind: StepKind;
  readonly service?: ServiceName | undefined;
  /** Where it is the work of several: a pull of an image that they share. */
  readonly services?: readonly ServiceName[] | undefined;
  /** "create container shop-api-1". */
  readonly label: string;
  /** Why the plan has it. */
  readonly cause: string;
  readonly after: readonly number[];
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly progress?: Progress | undefined;
  readonly error?: AppError | undefined;
  /** "retrying: name in use, 2nd try". */
  readonly note?: string | undefined;
}

export interface Progress {
  readonly current: number;
  /** Absent while it is not known. */
  readonly total?: number | undefined;
  readonly unit: 'bytes' | 'rows' | 'steps' | 'layers';
  /** Units per second, smoothed. */
  readonly rate?: number | undefined;
  readonly text?: string | undefined;
}
