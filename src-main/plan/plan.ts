import type { Condition, Service } from '#compose/project.ts';
import type { ContainerId, ServiceName } from '#contract/ids.ts';
import type { Hazard } from '#contract/plan.ts';
import type { StepKind } from '#contract/runModel.ts';
import type { ContainerBody, EndpointBody, NetworkBody, VolumeBody } from '#engine/bodies.ts';

/** What will be done and in which order. Made purely, run by run/executor.ts, which decides nothing. */
export interface Plan {
  /** Step `n` stands at index `n - 1`; a step only waits for earlier ones. */
  readonly steps: readonly Step[];
  readonly hazards: readonly Hazard[];
  /** What the user should know though nothing is lost by it: a dependency that was skipped, an attribute without effect. */
  readonly warnings: readonly PlanWarning[];
}

export interface PlanWarning {
  readonly service?: string | undefined;
  readonly message: string;
}

interface StepBase<K extends StepKind> {
  readonly kind: K;
  /** Counts from 1. */
  readonly index: number;
  /** Indexes of the steps that must be done before. */
  readonly after: readonly number[];
  /** Why the plan has it: "no existing container", "configuration changed". */
  readonly cause: string;
  /** Whose work it is; absent for what several services share. */
  readonly service?: ServiceName | undefined;
}

/** A container that is there already, or that an earlier step of the same plan creates. */
export type Target =
  | { readonly type: 'existing'; readonly id: ContainerId; readonly name: string }
  | { readonly type: 'created'; readonly step: number; readonly name: string };

/** Another service's container that a service names (`network_mode: service:db`), by the id it has or will have. */
export interface Reference {
  readonly service: ServiceName;
  readonly target: Target;
}

/** Bytes that go into a created container before it starts: a secret or config that has no file on the host. */
export interface InjectedFile {
  readonly path: string;
  readonly content: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

export type CreateNetworkStep = StepBase<'createNetwork'> & {
  readonly key: string;
  readonly body: NetworkBody;
};

export type CreateVolumeStep = StepBase<'createVolume'> & {
  readonly key: string;
  readonly body: VolumeBody;
};

export type PullStep = StepBase<'pull'> & {
  readonly image: string;
  readonly platform?: string | undefined;
  /** All services that run it. */
  readonly services: readonly ServiceName[];
  /** `tolerate`: the image is there, a pull that fails is a note and not a failure (pull_policy of a service with a build). */
  readonly onFailure: 'fail' | 'tolerate';
};

export type BuildStep = StepBase<'build'> & {
  readonly service: ServiceName;
  readonly image: string;
};

export type CreateStep = StepBase<'create'> & {
  readonly service: ServiceName;
  readonly number: number;
  readonly name: string;
  readonly body: ContainerBody;
  readonly platform?: string | undefined;
  /** The pull or build whose result is the image: its id goes into the image label. 0: the label is in the body. */
  readonly imageFrom: number;
  readonly references: readonly Reference[];
  /** Set while an id among the references is not known: body and hash are completed from it when it is. */
  readonly unresolved?: Service | undefined;
  /** Networks beyond the first, joined after creation: engines before API 1.44 take only one at creation. */
  readonly connect: readonly { readonly network: string; readonly endpoint: EndpointBody }[];
  readonly files: readonly InjectedFile[];
};

export type StartStep = StepBase<'start'> & {
  readonly service: ServiceName;
  readonly number: number;
  readonly container: Target;
  /** A paused container goes on; it cannot be started. */
  readonly how: 'start' | 'unpause';
  /** `serial`: it publishes a range of ports, which the engine does not hand out atomically. */
  readonly ports: 'any' | 'serial';
};

export type AwaitStep = StepBase<'await'> & {
  readonly service: ServiceName;
  readonly condition: Condition;
  readonly containers: readonly Target[];
  /** What a container without any healthcheck means: for a dependency a failure, for the end of a boot that it runs. */
  readonly withoutCheck: 'fail' | 'ready';
  /** false: a failure only skips the wait, with a warning. */
  readonly required: boolean;
  /** Whether its own healthcheck is run ahead of the engine's interval (`x-slipway: {probe: false}` turns it off). */
  readonly probe: 'eager' | 'engine';
};

export type StopStep = StepBase<'stop'> & {
  readonly container: Target;
  readonly graceSeconds?: number | undefined;
  readonly signalName?: string | undefined;
  /** Its process is given no time to end by itself: the engine does not wait, it works. */
  readonly atOnce?: true | undefined;
};

export type RemoveStep = StepBase<'remove'> & {
  readonly container: Target;
  readonly anonymousVolumes: 'keep' | 'remove';
};

export type RenameStep = StepBase<'rename'> & {
  readonly container: Target;
  readonly to: string;
};

export type RestartStep = StepBase<'restart'> & {
  readonly container: Target;
  readonly graceSeconds?: number | undefined;
};

export type RemoveNetworkStep = StepBase<'removeNetwork'> & {
  readonly id: string;
  readonly name: string;
  /** A new one takes its place, which cannot be made while this one stays. */
  readonly replaced?: boolean | undefined;
};
export type RemoveVolumeStep = StepBase<'removeVolume'> & { readonly name: string };

/** A command of `post_start` or `pre_stop`. */
export type HookStep = StepBase<'hook'> & {
  readonly service: ServiceName;
  readonly container: Target;
  readonly when: 'postStart' | 'preStop';
  readonly command: readonly string[];
  readonly user?: string | undefined;
  readonly privileged?: boolean | undefined;
  readonly workingDir?: string | undefined;
  readonly env: readonly string[];
};

/** Work that has its own code and only reports here: a version switch, a checkpoint, a swap. The executor never runs it. */
export type OtherStep = StepBase<'other'> & {
  /** What it is shown as. */
  readonly shows: StepKind;
  readonly label: string;
};

export type Step =
  | CreateNetworkStep
  | CreateVolumeStep
  | PullStep
  | BuildStep
  | CreateStep
  | StartStep
  | AwaitStep
  | StopStep
  | RemoveStep
  | RenameStep
  | RestartStep
  | RemoveNetworkStep
  | RemoveVolumeStep
  | HookStep
  | OtherStep;

/** A step before it has its number. Distributes over the union, so that each keeps its own fields. */
export type StepDraft = Step extends infer S ? (S extends Step ? Omit<S, 'index'> : never) : never;
