import type { Clock } from '#base/clock.ts';
import type { ContainerId, ServiceName } from '#contract/ids.ts';
import type { Progress } from '#contract/runModel.ts';
import type { BuildOutput } from '#engine/builds.ts';
import type { Engine } from '#engine/engine.ts';
import type { PullProgress } from '#engine/images.ts';
import type { RunEvent } from './events.ts';

export interface PullRequest {
  readonly image: string;
  readonly platform?: string | undefined;
  readonly services: readonly ServiceName[];
  readonly onProgress: (progress: PullProgress) => void;
  readonly signal: AbortSignal;
}

export interface BuildRequest {
  readonly service: ServiceName;
  /** The name that the result is tagged with. */
  readonly image: string;
  readonly onOutput: (output: BuildOutput) => void;
  readonly signal: AbortSignal;
}

/** Before a volume is deleted. Answers where it is kept, in a word. */
export type KeepVolume = (
  volume: string,
  options: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
) => Promise<string | undefined>;

/** Before a container is started for the first time: throws `data.incompatible`. */
export type CheckData = (request: {
  readonly service: ServiceName;
  readonly container: ContainerId;
  readonly signal: AbortSignal;
}) => Promise<void>;

/** Everything that a run touches; all of it comes in from outside. */
export interface RunEffects {
  readonly engine: Engine;
  /** The engine's, where it has said how many. */
  readonly processors?: number | undefined;
  /** A window shows what happens: it is left time to draw. */
  readonly watched?: boolean | undefined;
  readonly clock: Clock;
  /** Left out: pulled without a login. */
  readonly pullImage?: ((request: PullRequest) => Promise<void>) | undefined;
  /** Left out: a plan with builds fails at them. */
  readonly buildService?: ((request: BuildRequest) => Promise<void>) | undefined;
  /** Left out: what is deleted is gone. */
  readonly keepVolume?: KeepVolume | undefined;
  readonly checkData?: CheckData | undefined;
  /** Does a service's image start a server of its own before the real one, which a check may take for that? */
  readonly startsTwice?: ((service: ServiceName) => boolean) | undefined;
  /** A command that exits 0 when a service's server answers; `env` is its container's, `NAME=value` each. */
  readonly readyProbe?:
    | ((service: ServiceName, env: readonly string[]) => readonly string[] | undefined)
    | undefined;
}

export interface RunOptions extends RunEffects {
  /** The project's name: whose containers' events the run listens to. */
  readonly project: string;
  readonly onEvent: (event: RunEvent) => void;
  /** Cancels: nothing new is begun, what is under way is given up. */
  readonly signal: AbortSignal;
}

/** What a step tells while it works. */
export interface StepReport {
  progress(progress: Progress): void;
  note(note: string): void;
  emit(event: RunEvent): void;
}
