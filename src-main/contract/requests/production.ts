import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { AppError } from '../errors.ts';
import type { RunId } from '../ids.ts';
import type { DriftState } from '../model.ts';
import type { RunStatus } from '../runModel.ts';
import { procedure, serviceInput, text, workspaceInput } from './procedure.ts';

/** One environment that the project, or somebody in the window, has named. */
export interface EnvironmentInfo {
  readonly name: string;
  readonly source: SourceInfo;
  /** `project`: in the compose file's `x-slipway`. `here`: added from the window, in `.slipway/production.yaml`. */
  readonly from: 'project' | 'here';
}

export type SourceInfo =
  | { readonly type: 'file'; readonly file: string }
  | { readonly type: 'url'; readonly url: string }
  /** `confirmed`: somebody has read it on this machine and let it run. */
  | { readonly type: 'command'; readonly command: string; readonly confirmed: boolean }
  | { readonly type: 'images'; readonly count: number };

export interface ProductionView {
  readonly environments: readonly EnvironmentInfo[];
  /** What is wrong with the declarations. */
  readonly problems: readonly string[];
}

/** One aspect in which the configurations differ. Names and masked command lines, never values. */
export type ConfigDifferenceView =
  | {
      readonly aspect: 'environment' | 'ports';
      readonly onlyHere: readonly string[];
      readonly onlyThere: readonly string[];
    }
  | {
      readonly aspect: 'entrypoint' | 'command' | 'user' | 'cpus' | 'memory';
      readonly here?: string | undefined;
      readonly there?: string | undefined;
    };

export interface DriftRow {
  /** Absent where production has something that is not here. */
  readonly service?: string | undefined;
  /** `Deployment shop-api / api`. Absent where only we have it. */
  readonly container?: string | undefined;
  readonly matchedBy?: 'declaration' | 'name' | 'image' | undefined;
  readonly state: DriftState;
  /** The same in a sentence. */
  readonly words: string;
  readonly here?: string | undefined;
  readonly there?: string | undefined;
  /** The very image that production runs, by digest where that is known. */
  readonly productionImage?: string | undefined;
  readonly config: readonly ConfigDifferenceView[];
  /** How this service can be brought to what production runs; absent where it is there, or cannot be. */
  readonly match?:
    | { readonly type: 'switch'; readonly version: string }
    | { readonly type: 'swap'; readonly image: string }
    | undefined;
}

export interface DriftView {
  readonly environment: string;
  readonly format: string;
  readonly at: number;
  readonly rows: readonly DriftRow[];
  /** What could not be read, matched or asked. */
  readonly problems: readonly string[];
}

export interface SwapPlanView {
  readonly service: string;
  readonly fromImage: string;
  /** By digest. */
  readonly toImage: string;
  /** As production writes it: `acme/api:2.4.1`. */
  readonly shownImage: string;
  readonly onMachine: boolean;
  /** What is still to be pulled; absent where the registry could not be asked. */
  readonly downloadBytes?: number | undefined;
  readonly steps: readonly { readonly label: string; readonly cause: string }[];
  readonly notes: readonly string[];
  /** Variables that production sets and nothing here does. */
  readonly missing: readonly string[];
  /** Where values that are given are kept, said before they are. */
  readonly valuesFile: string;
  /** Names of what the local files set: they may be given another value for this run. */
  readonly variables: readonly string[];
  /** The debugger that fits what the image runs. */
  readonly likelyDebugger?: 'node' | 'jdwp' | 'debugpy' | 'delve' | undefined;
  readonly leaseMs: number;
  readonly undo: string;
}

/** Bringing services to production, one run after the other; the last event is the end of the last. */
export type MatchEvent =
  | {
      readonly type: 'planned';
      readonly services: readonly {
        readonly service: string;
        readonly how: 'switch' | 'swap';
        readonly to: string;
      }[];
    }
  | { readonly type: 'began'; readonly service: string; readonly run: RunId }
  | { readonly type: 'ended'; readonly service: string; readonly status: RunStatus };

/** What a container has changed against its image. */
export interface ContainerChanges {
  readonly image: string;
  readonly changes: readonly { readonly path: string; readonly kind: 'modified' | 'added' | 'deleted' }[];
  /** So many are not listed. */
  readonly more: number;
}

export interface RegistryInfo {
  readonly registry: string;
  /** Services and containers whose images come from it. */
  readonly images: readonly string[];
  readonly state: 'ok' | 'notLoggedIn' | 'expired' | 'denied' | 'missing' | 'rateLimited' | 'unreachable';
  readonly login: 'none' | 'stored';
  /** Who is logged in, where the store tells. */
  readonly username?: string | undefined;
  readonly error?: AppError | undefined;
  readonly quota?:
    | { readonly limit: number; readonly remaining: number; readonly windowSeconds: number }
    | undefined;
}

export interface PreflightView {
  readonly registries: readonly RegistryInfo[];
  readonly images: readonly {
    readonly image: string;
    readonly onMachine: boolean;
    readonly downloadBytes?: number | undefined;
    readonly error?: AppError | undefined;
  }[];
  /** Together, each layer counted once. */
  readonly downloadBytes: number;
  readonly freeBytes?: number | undefined;
}

export interface LoginResult {
  readonly registry: string;
  readonly username: string;
  /** Where the login is kept: the name of a credential helper, or the file. */
  readonly keptIn: string;
  /** The file holds it in clear, because this machine has no store. */
  readonly inClear: boolean;
}

export interface ComparisonView {
  readonly left: ImageSide;
  readonly right: ImageSide;
  readonly differences: readonly {
    readonly aspect: string;
    readonly left: string;
    readonly right: string;
  }[];
  readonly env: { readonly onlyLeft: readonly string[]; readonly onlyRight: readonly string[] };
  readonly labels: {
    readonly onlyLeft: readonly string[];
    readonly onlyRight: readonly string[];
    readonly changed: readonly string[];
  };
  readonly layers: { readonly shared: number; readonly onlyLeft: number; readonly onlyRight: number };
  /** Files that differ, at most a few hundred; absent where they were not looked at. */
  readonly files?: {
    readonly onlyLeft: readonly string[];
    readonly onlyRight: readonly string[];
    readonly changed: readonly string[];
    readonly more: number;
  };
  /** Commits between the two, where both name a revision of the checkout at hand. */
  readonly commits?: { readonly text: string; readonly list: readonly string[] };
}

export interface ImageSide {
  readonly image: string;
  readonly id: string;
  readonly sizeBytes: number;
  readonly created?: number | undefined;
  readonly layers: number;
  readonly revision?: string | undefined;
}

export interface LockView {
  readonly file: string;
  readonly services: readonly {
    readonly service: string;
    readonly image: string;
    readonly locked?: string | undefined;
    readonly why?: string | undefined;
  }[];
}

const source = z.union([
  z.object({ type: z.literal('file'), file: text }),
  z.object({ type: z.literal('url'), url: text }),
  z.object({ type: z.literal('command'), command: z.array(text).min(1).max(200) }),
]);
const consents = z.array(text).max(100).optional();
const asked = workspaceInput.extend({ environment: text.optional(), consents });
const swapInput = serviceInput.extend({
  /** A tag or digest of production's image, or any image; absent: what production runs. */
  image: text.optional(),
  environment: text.optional(),
  consents,
  /** What covers the image's own program stays mounted, and the local command is kept. */
  keepMounts: z.boolean().optional(),
  keepCommand: z.boolean().optional(),
  debug: z
    .object({
      /** Its process is a sleep; what it would run is started by hand. */
      idle: z.boolean().optional(),
      debugger: z.enum(['node', 'jdwp', 'debugpy', 'delve']).optional(),
      /** Where the debugger's port is published on loopback; absent: its own number where that is free. */
      port: z.number().int().min(1).max(65_535).optional(),
    })
    .optional(),
  /** Also such that the local files set: for this run these count. */
  values: z.record(z.string().max(500), z.string().max(100_000)).optional(),
});
const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
const lease = z.number().int().min(MINUTE_MS).max(WEEK_MS);

export const production = {
  view: procedure.input(workspaceInput).output(type<ProductionView>()),
  addEnvironment: procedure.input(workspaceInput.extend({ name: text, source })).output(type<void>()),
  removeEnvironment: procedure.input(workspaceInput.extend({ name: text })).output(type<void>()),
  /** Reads the source now. A command that nobody has confirmed fails with `data.consentRequired`, which names it. */
  drift: procedure.input(asked).output(type<DriftView>()),
  /** What putting production's image in a service's place would do. */
  swapPlan: procedure.input(swapInput).output(type<SwapPlanView>()),
  swap: procedure
    .input(
      swapInput.extend({
        /** null: until it is taken back. */
        leaseMs: lease.nullable().optional(),
        endOnQuit: z.boolean().optional(),
      }),
    )
    .output(type<{ run: RunId }>()),
  /** Brings these services, or all that are apart, to what production runs. Leaving it ends it after the run at work. */
  match: procedure
    .input(
      asked.extend({ services: z.array(text).max(1000).optional(), leaseMs: lease.nullable().optional() }),
    )
    .output(eventIterator(type<MatchEvent>())),
  changes: procedure.input(serviceInput).output(type<ContainerChanges>()),
  unswap: procedure.input(serviceInput).output(type<{ run: RunId }>()),
  /** Versions of production's image of a service, oldest first: to look for the one that broke it. */
  releases: procedure
    .input(serviceInput.extend({ environment: text.optional(), consents }))
    .output(type<{ readonly repository: string; readonly tags: readonly string[] }>()),
  /** From now on, so much longer. */
  extendLease: procedure.input(serviceInput.extend({ leaseMs: lease.nullable() })).output(type<void>()),
  /** What can be known of registries and images before anything is pulled. */
  preflight: procedure
    .input(workspaceInput.extend({ images: z.array(text).max(500).optional() }))
    .output(type<PreflightView>()),
  login: procedure
    .input(z.object({ registry: text, username: text, password: z.string().min(1).max(100_000) }))
    .output(type<LoginResult>()),
  logout: procedure.input(z.object({ registry: text })).output(type<{ readonly removed: boolean }>()),
  compare: procedure
    .input(workspaceInput.extend({ left: text, right: text, files: z.boolean().optional() }))
    .output(type<ComparisonView>()),
  /** Writes the digests of the whole stack into a compose file of their own. */
  lock: procedure.input(workspaceInput).output(type<LockView>()),
};
