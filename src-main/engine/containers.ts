import type { AppError } from '#contract/errors.ts';
import type { ContainerId, ImageId } from '#contract/ids.ts';
import type { ContainerBody } from './bodies.ts';

/** The engine's own words. */
export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

export interface ContainerFilter {
  readonly labels?: readonly string[];
  readonly names?: readonly string[];
  readonly ids?: readonly string[];
  /** Stopped ones too. */
  readonly all: boolean;
}

export interface PortBinding {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp?: string | undefined;
  readonly hostPort?: number | undefined;
}

export interface ContainerSummary {
  readonly id: ContainerId;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly imageId: ImageId;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: ContainerState;
  readonly created: number;
  readonly ports: readonly PortBinding[];
  readonly mounts: readonly ContainerMount[];
  readonly networks: readonly string[];
}

export interface ContainerMount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image';
  /** The volume's name, where it is one. */
  readonly name?: string | undefined;
  readonly source: string;
  readonly destination: string;
  readonly readWrite: boolean;
}

export interface ContainerDetails extends ContainerSummary {
  readonly health: Health;
  readonly healthLog: readonly {
    readonly start: number;
    readonly end: number;
    readonly exitCode: number;
    readonly output: string;
  }[];
  readonly failingStreak: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Why it could not be started; absent where it could. */
  readonly error?: AppError | undefined;
  readonly pid: number;
  readonly restartCount: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly user: string;
  readonly workingDir: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly logDriver: string;
  readonly networkEndpoints: Readonly<
    Record<string, { readonly ip: string; readonly aliases: readonly string[]; readonly networkId: string }>
  >;
  readonly platform: string;
  readonly hasHealthcheck: boolean;
  /** The engine's whole answer, for what is asked for rarely (comparison, the inspect view). */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  readonly maximumRetries?: number | undefined;
}

export interface CreateContainer {
  readonly name: string;
  readonly body: ContainerBody;
  readonly platform?: string | undefined;
}

export interface ContainerStats {
  readonly at: number;
  /** Share of one core: 1.5 is one and a half cores. */
  readonly cpu: number;
  /** As `docker stats` counts it: without the page cache. */
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly networkReceivedBytes: number;
  readonly networkSentBytes: number;
  readonly blockReadBytes: number;
  readonly blockWrittenBytes: number;
  readonly pids: number;
}

export interface PathStat {
  readonly name: string;
  readonly sizeBytes: number;
  /** Go's os.FileMode bits. */
  readonly mode: number;
  readonly isDirectory: boolean;
  readonly modified: number;
  readonly linkTarget: string;
}
