import { type } from '@orpc/contract';
import { z } from 'zod';
import type { RunId } from '../ids.ts';
import { procedure, serviceInput, text, workspaceInput } from './procedure.ts';

/** One volume of a project, and who uses it. */
export interface VolumeView {
  readonly name: string;
  /** Services that mount it, by the file or by a container that is there. */
  readonly services: readonly string[];
  /** The line of versions whose data it holds, where Slipway has switched versions on it. */
  readonly lane?:
    | {
        readonly service: string;
        readonly product: string;
        readonly lane: string;
        readonly image: string;
        readonly usedAt: number;
        readonly carriedFrom?: string | undefined;
        /** The switch to it was taken back. */
        readonly failed: boolean;
      }
    | undefined;
  readonly created: number;
  /** `mounted`: the files or a container use it. `kept`: another lane, or left over: nothing uses it now. */
  readonly use: 'mounted' | 'kept';
  /** Declared external: Slipway neither deletes nor replaces it. */
  readonly external: boolean;
  /** The files define it otherwise than it was made. It stays as it is until somebody asks to have it made anew. */
  readonly changed: boolean;
}

/** Why a checkpoint was taken. All but `asked` are the bin: they go by themselves after a week. */
export type CheckpointReason = 'asked' | 'down' | 'restore' | 'reset' | 'recreated' | 'removed' | 'imported';

export interface CheckpointView {
  readonly id: string;
  readonly name: string;
  readonly reason: CheckpointReason;
  readonly createdAt: number;
  /** When it goes by itself; absent for one that stays. */
  readonly keptUntil?: number | undefined;
  /** A service can be reset to it. */
  readonly seed: boolean;
  /** The project that it was taken of. */
  readonly project: string;
  readonly services: readonly { readonly name: string; readonly image: string }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly services: readonly string[];
    readonly bytes: number;
  }[];
  /** On disk, compressed. */
  readonly storedBytes: number;
}

export interface DataOverview {
  readonly volumes: readonly VolumeView[];
  /** Newest first. */
  readonly checkpoints: readonly CheckpointView[];
  readonly bin: readonly CheckpointView[];
  /** Where they lie on this machine. */
  readonly folder: string;
}

const started = type<{ run: RunId }>();
const checkpointInput = workspaceInput.extend({ checkpoint: text });

export const data = {
  view: procedure.input(workspaceInput).output(type<DataOverview>()),
  /** Bytes by volume, as the engine counts them; takes seconds where there is much. */
  sizes: procedure.input(workspaceInput).output(type<{ bytes: Readonly<Record<string, number>> }>()),
  /** Copies all volumes of these services, or of all, at one consistent point: what writes to them is stopped meanwhile. */
  checkpoint: procedure
    .input(
      workspaceInput.extend({
        name: z.string().max(200).optional(),
        services: z.array(text).max(1000).optional(),
        seed: z.boolean().optional(),
      }),
    )
    .output(started),
  /** Replaces volumes with what a checkpoint holds. What is there now goes into the bin first. */
  restore: procedure.input(checkpointInput).output(started),
  /** Back to what the image's init scripts make, or to a checkpoint that is marked as the seed. The bin keeps what goes. */
  reset: procedure.input(serviceInput.extend({ checkpoint: text.optional() })).output(started),
  /**
   * Makes volumes anew as the files define them now. A copy goes into the bin first; `carry` puts it into the new volume as
   * well. Needs the consent `recreate-volume:NAME` for each.
   */
  recreate: procedure
    .input(
      workspaceInput.extend({
        volumes: z.array(text).min(1).max(200),
        data: z.enum(['carry', 'empty']),
        consents: z.array(text).max(200).optional(),
      }),
    )
    .output(started),
  /** Deletes volumes that nothing uses; the bin keeps them. */
  removeVolumes: procedure
    .input(workspaceInput.extend({ volumes: z.array(text).min(1).max(200) }))
    .output(started),
  rename: procedure
    .input(
      checkpointInput.extend({ name: z.string().min(1).max(200).optional(), seed: z.boolean().optional() }),
    )
    .output(type<CheckpointView>()),
  /** For good. Needs the consent `remove-checkpoint:ID`. */
  removeCheckpoint: procedure
    .input(checkpointInput.extend({ consents: z.array(text).max(200).optional() }))
    .output(type<{ removed: true }>()),
  /** One file that a colleague can import. `file`: absolute, on the machine that Slipway runs on. */
  exportCheckpoint: procedure
    .input(checkpointInput.extend({ file: text }))
    .output(type<{ file: string; bytes: number }>()),
  importCheckpoint: procedure.input(workspaceInput.extend({ file: text })).output(type<CheckpointView>()),
};
