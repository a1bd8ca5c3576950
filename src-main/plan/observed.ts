import type { LabelledDependency } from '#compose/labels.ts';
import type { AppError, HealthOutput } from '#contract/errors.ts';
import type { ContainerId, ImageId } from '#contract/ids.ts';
import type { ContainerState, Health } from '#contract/model.ts';

/**
 * What the engine holds of one project at one moment, labels parsed into typed fields at the edge. It makes no choice:
 * when several resources share a key, all stand here and the reconciler picks, always in the same way.
 * Times are milliseconds since the epoch.
 */
export interface ObservedState {
  /** Replicas, one-offs and orphans alike, by service, number and creation. */
  readonly containers: readonly ObservedContainer[];
  /** The project's networks, and those of other owners that carry a name which the project asks for. */
  readonly networks: readonly ObservedNetwork[];
  readonly volumes: readonly ObservedVolume[];
  /** By the reference that was asked for; undefined where the engine does not have the image. */
  readonly images: Readonly<Record<string, ObservedImage | undefined>>;
  readonly at: number;
}

export interface ObservedContainer {
  readonly id: ContainerId;
  readonly name: string;
  readonly project: string;
  readonly service: string;
  /** 1 for the first replica; 0 where the label is missing or broken. */
  readonly number: number;
  readonly oneOff: boolean;
  readonly configHash?: string | undefined;
  /** The folder of the project that made it: an orphan of another folder is not ours to remove. */
  readonly workingDir?: string | undefined;
  readonly configFiles: readonly string[];
  /** The id of the image it was made of, as its label says. */
  readonly imageDigest?: string | undefined;
  /** The name or id of the container that it replaces: it was left behind in the middle of a recreate. */
  readonly replaces?: string | undefined;
  readonly dependsOn: readonly LabelledDependency[];
  readonly labels: Readonly<Record<string, string>>;
  /** The reference it was made of, as the engine prints it. */
  readonly image: string;
  readonly imageId: ImageId;
  readonly state: ContainerState;
  readonly health: Health;
  /** When the health became what it is. */
  readonly healthSince?: number | undefined;
  readonly lastHealth?: HealthOutput | undefined;
  /** When the last check ended that failed, of those that the engine remembers. */
  readonly lastFailedCheck?: number | undefined;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Why it could not be started; absent where it could. */
  readonly error?: AppError | undefined;
  readonly restartCount: number;
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  /** It ended without anybody asking for it; undefined where nobody watched. */
  readonly endedItself?: boolean | undefined;
  /** How it ended last, also when it runs again: a restart may be over before anybody looked. Absent where nobody listened. */
  readonly lastExit?: { readonly at: number; readonly exitCode: number } | undefined;
  readonly hasHealthcheck: boolean;
  readonly tty: boolean;
  readonly mounts: readonly ObservedMount[];
  /** By network name. */
  readonly networks: Readonly<Record<string, ObservedEndpoint>>;
  readonly ports: readonly ObservedPort[];
  /** What `inspect` said of its configuration, for the comparison of effective configurations. */
  readonly effective?: EffectiveConfig | undefined;
}

export interface ObservedMount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image';
  /** The volume's name, where it is one. */
  readonly name?: string | undefined;
  readonly source: string;
  readonly destination: string;
  readonly readWrite: boolean;
}

export interface ObservedEndpoint {
  readonly networkId: string;
  readonly ip: string;
  readonly aliases: readonly string[];
}

export interface ObservedPort {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp?: string | undefined;
  readonly hostPort?: number | undefined;
}

/** The parts of the engine's inspect answer that a request body decides; the engine's own field names. */
export interface EffectiveConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly hostConfig: Readonly<Record<string, unknown>>;
}

export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  /** The key in the compose file, as its label says; undefined on what compose did not make. */
  readonly key?: string | undefined;
  readonly project?: string | undefined;
  readonly configHash?: string | undefined;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ObservedVolume {
  readonly name: string;
  readonly key?: string | undefined;
  readonly project?: string | undefined;
  readonly configHash?: string | undefined;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface ObservedImage {
  readonly id: ImageId;
  readonly platform: string;
  /** When it came to this machine, or was given a name there; milliseconds since the epoch. */
  readonly taggedAt?: number | undefined;
  /** Mount points that the image declares: each becomes an anonymous volume. */
  readonly volumes: readonly string[];
  readonly hasHealthcheck: boolean;
  /** `NAME=value`, what a container of it has without being told. */
  readonly env: readonly string[];
}
