import { type } from '@orpc/contract';
import type { RunId, ServiceName } from '../ids.ts';
import { procedure, workspaceInput } from './procedure.ts';

/** Where the time of one boot went. Milliseconds since the boot began. */
export interface BootTimeline {
  readonly run: RunId;
  readonly startedAt: number;
  readonly totalMs: number;
  readonly outcome: 'done' | 'failed' | 'cancelled';
  readonly services: readonly ServiceTimeline[];
  readonly criticalPath: readonly ServiceName[];
  /** Milliseconds this boot would have needed on the engine's own healthcheck intervals alone. */
  readonly withoutEagerMs?: number | undefined;
  /** The git branch that it was booted from. */
  readonly branch?: string | undefined;
  /** What the plan could not do as the files say, in words. */
  readonly warnings?: readonly string[] | undefined;
}

export interface ServiceTimeline {
  readonly service: ServiceName;
  readonly spans: readonly {
    readonly phase: 'wait' | 'pull' | 'build' | 'create' | 'start' | 'check' | 'ready' | 'run' | 'failed';
    readonly fromMs: number;
    readonly toMs: number;
  }[];
  readonly readyMs?: number | undefined;
  readonly firstLogMs?: number | undefined;
  /** "exited 0", "own check passed after 1.7 s, not 30". */
  readonly note?: string | undefined;
  /** What it ran as: what may make one boot of it unlike another. */
  readonly ran?: { readonly imageId: string; readonly configHash?: string | undefined } | undefined;
  /** It took much longer than it usually does. `since`: which change came with that, in words; the note says it too. */
  readonly slower?:
    | { readonly byMs: number; readonly usualMs: number; readonly since?: string | undefined }
    | undefined;
}

/** What a boot would have to download. */
export interface PullPlan {
  readonly images: readonly {
    readonly image: string;
    readonly services: readonly ServiceName[];
    readonly present: boolean;
    readonly missingBytes?: number | undefined;
    readonly error?: string | undefined;
  }[];
  /** Each layer counted once over all images. */
  readonly totalBytes: number;
  readonly layers: number;
  readonly freeBytes?: number | undefined;
}

export const boot = {
  /** The last boots of this project, newest first; at most 50 are kept. */
  history: procedure.input(workspaceInput).output(type<readonly BootTimeline[]>()),
  pullPlan: procedure.input(workspaceInput).output(type<PullPlan>()),
};
