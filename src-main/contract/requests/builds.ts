import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { AppError } from '../errors.ts';
import type { RunId } from '../ids.ts';
import { procedure, serviceInput, workspaceInput } from './procedure.ts';

/** One build of one service. Times are milliseconds since the epoch. */
export interface BuildView {
  readonly id: string;
  readonly service: string;
  readonly image: string;
  /** The service whose build this was: it has the same definition, and one build made both images. */
  readonly sharedWith?: string | undefined;
  /** Absolute; absent where it is written inline. */
  readonly dockerfile?: string | undefined;
  readonly startedAt: number;
  readonly finishedAt?: number | undefined;
  readonly outcome: 'running' | 'done' | 'failed' | 'cancelled';
  readonly imageId?: string | undefined;
  readonly steps: readonly BuildStepView[];
  /** What the file asks for and the build did without. */
  readonly warnings: readonly string[];
  readonly error?: AppError | undefined;
  /** The first instruction that could not be taken from the cache, and why; absent where that is not known. */
  readonly missed?:
    | {
        readonly line: number;
        readonly step: string;
        /** Changed files that it copies. Without any, its line or what it builds on has changed. */
        readonly files: readonly string[];
        readonly moreFiles: number;
        /** What was done anew because of it. */
        readonly costMs: number;
      }
    | undefined;
}

export interface BuildStepView {
  /** As the builder says it: `[2/5] RUN npm ci`. */
  readonly name: string;
  /** Of the Dockerfile. */
  readonly line?: number | undefined;
  readonly status: 'running' | 'done' | 'cached' | 'failed';
  readonly startedAt: number;
  readonly tookMs?: number | undefined;
  /** The last of what it printed. */
  readonly log: string;
  readonly progress?: { readonly current: number; readonly total: number; readonly text: string } | undefined;
}

/** What makes builds of a service slow, or its image doubtful, and what would help. */
export interface Advice {
  readonly rule: string;
  readonly severity: 'slow' | 'risk' | 'note';
  readonly title: string;
  readonly explanation: string;
  readonly line?: number | undefined;
  /** What it cost in the last build, where that is known. */
  readonly costMs?: number | undefined;
  /** A file as it would be with the change, and the change as a unified diff. */
  readonly change?: { readonly file: string; readonly text: string; readonly diff: string } | undefined;
}

export const builds = {
  /** Newest first. */
  history: procedure.input(serviceInput).output(type<readonly BuildView[]>()),
  /** The last build of each service, again whenever one of them has moved on. */
  follow: procedure.input(workspaceInput).output(eventIterator(type<readonly BuildView[]>())),
  advise: procedure.input(serviceInput).output(type<readonly Advice[]>()),
  /** Writes the change of one piece of advice into the user's file: only ever on this request. */
  applyAdvice: procedure.input(serviceInput.extend({ rule: z.string().max(100) })).output(type<void>()),
  /** Builds one service and replaces its containers, one after another; no other service is touched. */
  replace: procedure
    .input(serviceInput.extend({ build: z.boolean().optional(), recreate: z.boolean().optional() }))
    .output(type<{ run: RunId }>()),
};
