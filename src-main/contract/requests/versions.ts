import { type } from '@orpc/contract';
import { z } from 'zod';
import type { RunId } from '../ids.ts';
import { procedure, serviceInput, text, workspaceInput } from './procedure.ts';

/** One line of the version menu. */
export interface VersionOffer {
  /** The tag to switch to. */
  readonly tag: string;
  readonly inUse: boolean;
  readonly onMachine: boolean;
  /** Earlier data of that version, which a switch can return to. */
  readonly lane?:
    | {
        readonly source: string;
        readonly usedAt: number;
        readonly carriedFrom?: string | undefined;
        readonly bytes?: number | undefined;
      }
    | undefined;
  /** `YYYY-MM-DD`, where the product's own release page says. */
  readonly endOfLife?: string | undefined;
  readonly production: boolean;
}

export interface VersionMenu {
  readonly service: string;
  readonly product: string;
  readonly title: string;
  readonly image: string;
  /** The tag in use. */
  readonly current?: string | undefined;
  /** The tag of the user's own file, where Slipway's override says another. */
  readonly fileImage?: string | undefined;
  /** Newest first; one tag for each line of versions, in the variant that is in use. */
  readonly offers: readonly VersionOffer[];
  /** Everything the registry has, newest first, for the search. */
  readonly allTags: readonly string[];
  /** Why the registry was not asked or did not answer; absent where it did. */
  readonly offline?: string | undefined;
  readonly dataBytes?: number | undefined;
  readonly keepsData: boolean;
  /** The last switch of the service, where it was taken back and nobody has said yet that it was read. */
  readonly failed?: FailedSwitch | undefined;
}

/** A switch that was taken back: what went wrong, and where the data is. */
export interface FailedSwitch {
  readonly to: string;
  readonly at: number;
  readonly message: string;
  readonly hint?: string | undefined;
  /** What the comparison found, or what the programs printed. */
  readonly details: readonly string[];
  /** What the service runs on now. */
  readonly image: string;
  /** The volume or folder that it runs on, as it was before the switch; absent where it has none. */
  readonly source?: string | undefined;
}

export interface SwitchPlanView {
  readonly toImage: string;
  readonly fromImage: string;
  readonly data: 'none' | 'carry' | 'resume' | 'fresh';
  readonly choices: readonly {
    readonly data: 'carry' | 'resume' | 'fresh';
    readonly title: string;
    readonly explanation: string;
    /** How long it will probably take, where that has been learned. */
    readonly ms?: number | undefined;
  }[];
  readonly steps: readonly { readonly label: string; readonly cause: string }[];
  /** Traps of this product and these versions, and what stays behind. */
  readonly notes: readonly string[];
  /** For a carry: how much there is, and how long it will probably take here. */
  readonly estimate?: { readonly bytes: number; readonly ms: number } | undefined;
  /** How to get back. */
  readonly undo: string;
}

/** How one version did in a matrix. */
export interface MatrixResult {
  readonly version: string;
  readonly passed: boolean;
  /** Of the check; absent where it did not come to it. */
  readonly exitCode?: number | undefined;
  readonly summary: string;
  /** The end of what the check, or what kept it from running, has printed. */
  readonly output: string;
  readonly ms: number;
}

const matrix = serviceInput.extend({
  versions: z.array(text).min(1).max(50),
  check: z.object({ service: text, command: z.array(z.string().max(4096)).min(1).max(100).optional() }),
});

const target = serviceInput.extend({ to: text, data: z.enum(['carry', 'resume', 'fresh']).optional() });

export const versions = {
  menu: procedure.input(serviceInput).output(type<VersionMenu>()),
  /** What a switch would do, without doing it. */
  plan: procedure.input(target).output(type<SwitchPlanView>()),
  /** Starts the switch and answers at once; its progress is in the state. */
  switch: procedure.input(target).output(type<{ run: RunId }>()),
  /** The failure of the last switch has been read: it is not shown any more. */
  forgetFailure: procedure.input(serviceInput).output(type<void>()),
  /** Rebuilds the indexes of a running database whose image sorts text by another library than the one before. */
  reindex: procedure.input(serviceInput).output(type<{ run: RunId }>()),
  /** Several services in one run, one after the other. */
  switchMany: procedure
    .input(
      workspaceInput.extend({
        services: z
          .array(target.omit({ workspace: true }))
          .min(1)
          .max(200),
      }),
    )
    .output(type<{ run: RunId }>()),
  /** Runs a check against several versions of a service, each in a project that is thrown away; answers at once. */
  matrix: procedure.input(matrix).output(type<{ run: RunId }>()),
  /** Of the last matrix, as far as it is. */
  matrixResults: procedure.input(workspaceInput).output(type<readonly MatrixResult[]>()),
};
