import type { ContainerId } from '#contract/ids.ts';
import type { ContainerBody, HealthcheckBody, NetworkBody, VolumeBody } from '#engine/bodies.ts';
import type { ContainerMount, ContainerState, Health } from '#engine/containers.ts';
import type { LogStore } from './logs.ts';

export interface FakeFile {
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly linkTarget: string;
  readonly uid: number;
  readonly gid: number;
  readonly modified: number;
}

/** Absolute path without a slash at the end → what is there. */
export type FileTree = Map<string, FakeFile>;

export interface FakeImage {
  readonly id: string;
  tags: string[];
  readonly digests: string[];
  readonly sizeBytes: number;
  readonly created: number;
  readonly platform: string;
  readonly config: {
    readonly Env: readonly string[];
    readonly Cmd: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
    readonly Volumes: readonly string[];
    readonly ExposedPorts: readonly string[];
    readonly User: string;
    readonly WorkingDir: string;
    readonly StopSignal: string;
    readonly Healthcheck: HealthcheckBody | undefined;
  };
  readonly layers: readonly { readonly id: string; readonly sizeBytes: number }[];
}

export interface FakeNetwork {
  readonly id: string;
  readonly body: NetworkBody;
  readonly created: number;
}

export interface FakeVolume {
  readonly name: string;
  readonly body: VolumeBody;
  readonly created: number;
  readonly files: FileTree;
}

export interface FakeEndpoint {
  readonly network: string;
  readonly aliases: readonly string[];
  ip: string;
}

export interface Binding {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp: string;
  /** 0 until the engine has chosen one. */
  hostPort: number;
  readonly chosen: boolean;
}

export interface FakeContainer {
  readonly id: ContainerId;
  name: string;
  body: ContainerBody;
  readonly image: FakeImage;
  readonly labels: Readonly<Record<string, string>>;
  /** Entrypoint and command, as process 1 is called. */
  readonly command: readonly string[];
  readonly healthcheck: HealthcheckBody | undefined;
  readonly created: number;
  readonly mounts: readonly (ContainerMount & { readonly anonymous: boolean })[];
  readonly endpoints: Map<string, FakeEndpoint>;
  readonly bindings: readonly Binding[];
  readonly logs: LogStore;
  readonly files: FileTree;
  state: ContainerState;
  health: Health;
  readonly healthLog: { start: number; end: number; exitCode: number; output: string }[];
  failingStreak: number;
  exitCode: number;
  error: string;
  oomKilled: boolean;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  restartCount: number;
  /** Starts so far. */
  runs: number;
  /** Somebody stopped it: its restart policy rests. */
  stopped: boolean;
  /** The end of the present run; aborted when the process is gone. */
  running: AbortController | undefined;
  removed: boolean;
  readonly input: Uint8Array[];
  readonly watchers: Set<() => void>;
}

/** Tells everyone who waits for this container that something about it is new. */
export function changed(container: FakeContainer): void {
  for (const watcher of [...container.watchers]) watcher();
}

/** Resolves once `reached` holds. */
export async function until(container: FakeContainer, reached: () => boolean): Promise<void> {
  while (!reached()) {
    await new Promise<void>((resolve) => {
      const watcher = () => {
        container.watchers.delete(watcher);
        resolve();
      };
      container.watchers.add(watcher);
    });
  }
}
