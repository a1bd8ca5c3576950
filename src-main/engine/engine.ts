import type { AppError } from '#contract/errors.ts';
import type { ContainerId, ImageId } from '#contract/ids.ts';
import type { ContainerBody, NetworkBody, VolumeBody } from './bodies.ts';

/**
 * The only door to a container engine. Every method rejects with an AppFailure of kind `engine.*`, `image.*`,
 * `port.inUse`, `disk.full` or `cancelled`, never with anything else. Times are milliseconds since the epoch,
 * sizes are bytes. Source: Docker Engine API, 1.41 and newer.
 *
 * Streams: `close()` ends the reading quietly and closes the connection at once; leaving a `for await` does the same. After an
 * abort, or when the engine goes away, bytes reject (`cancelled`, `engine.unreachable`): a stream that was cut must not look
 * whole. Events and, on abort, stats just end. Every stream has one reader.
 */
export interface Engine {
  /** What answers and how it is reached. Rejects with `engine.unreachable` or `engine.tooOld`. */
  info(options?: Cancel): Promise<EngineInfo>;
  /** Resolves once the engine has accepted the subscription; iterates until the stream ends or `signal` aborts. */
  openEvents(filter: { readonly labels?: readonly string[] } & Cancel): Promise<EventStream>;

  listContainers(filter: ContainerFilter & Cancel): Promise<readonly ContainerSummary[]>;
  inspectContainer(id: ContainerId | string, options?: Cancel): Promise<ContainerDetails>;
  createContainer(
    request: CreateContainer & Cancel,
  ): Promise<{ readonly id: ContainerId; readonly warnings: readonly string[] }>;
  startContainer(id: ContainerId, options?: Cancel): Promise<void>;
  /** Resolves when the container has stopped; already stopped is success. */
  stopContainer(
    id: ContainerId,
    options?: { readonly graceSeconds?: number; readonly signalName?: string } & Cancel,
  ): Promise<void>;
  killContainer(id: ContainerId, options?: { readonly signalName?: string } & Cancel): Promise<void>;
  restartContainer(id: ContainerId, options?: { readonly graceSeconds?: number } & Cancel): Promise<void>;
  pauseContainer(id: ContainerId, options?: Cancel): Promise<void>;
  unpauseContainer(id: ContainerId, options?: Cancel): Promise<void>;
  renameContainer(id: ContainerId, name: string, options?: Cancel): Promise<void>;
  /** Already gone is success. `anonymousVolumes` goes with the container only when asked for. */
  removeContainer(
    id: ContainerId,
    options?: { readonly force?: boolean; readonly anonymousVolumes?: boolean } & Cancel,
  ): Promise<void>;
  /** Resolves with the exit code once the container is not running. */
  waitContainer(
    id: ContainerId,
    options?: { readonly condition?: 'not-running' | 'next-exit' | 'removed' } & Cancel,
  ): Promise<number>;
  updateContainer(
    id: ContainerId,
    changes: {
      readonly memoryBytes?: number;
      /** Memory and swap together, -1 for no limit; twice the memory when only that is given, as at creation. */
      readonly memorySwapBytes?: number;
      readonly nanoCpus?: number;
      /** Whether the engine starts it again by itself; `always` does so after a restart of the engine even when it was stopped. */
      readonly restart?: RestartPolicy;
    } & Cancel,
  ): Promise<void>;
  /** Live figures, about one a second, until the container goes or `signal` aborts. */
  openStats(id: ContainerId, options?: Cancel): Promise<AsyncIterable<ContainerStats>>;
  top(
    id: ContainerId,
    options?: Cancel,
  ): Promise<{ readonly titles: readonly string[]; readonly rows: readonly (readonly string[])[] }>;
  /** What the container changed against its image. */
  changes(
    id: ContainerId,
    options?: Cancel,
  ): Promise<readonly { readonly path: string; readonly kind: 'modified' | 'added' | 'deleted' }[]>;

  /** Raw bytes as the engine sends them: with 8-byte frame headers unless `tty`. Stops reading while `pause()`d. */
  openLogs(id: ContainerId, options: OpenLogs & Cancel): Promise<ByteSource>;
  /** Standard input, output and error of process 1; without a terminal the output is framed as in `openLogs` (see demux.ts). */
  attach(
    id: ContainerId,
    options: { readonly tty: boolean; readonly stdin: boolean } & Cancel,
  ): Promise<Duplex>;

  /** Runs to the end and collects at most `limitBytes` of output. For short commands: probes, versions. */
  exec(
    id: ContainerId,
    request: ExecRequest & { readonly stdin?: Uint8Array; readonly limitBytes?: number } & Cancel,
  ): Promise<ExecResult>;
  /**
   * An open exec: its bytes both ways, its size, its exit code. Without `tty` the output is framed as in `openLogs`: read it
   * through `demultiplex` of demux.ts.
   */
  openExec(
    id: ContainerId,
    request: ExecRequest & { readonly tty: boolean; readonly stdin: boolean } & Cancel,
  ): Promise<ExecSession>;

  /** A tar stream of a path; works on created, stopped and running containers, without a shell or tar in the image. */
  readArchive(id: ContainerId, path: string, options?: Cancel): Promise<ByteSource>;
  /** Facts of one path, undefined where there is nothing. */
  statPath(id: ContainerId, path: string, options?: Cancel): Promise<PathStat | undefined>;
  /** Unpacks a tar stream below `path`. */
  writeArchive(
    id: ContainerId,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options?: { readonly copyOwner?: boolean } & Cancel,
  ): Promise<void>;

  listImages(options?: { readonly reference?: string } & Cancel): Promise<readonly ImageSummary[]>;
  /** Undefined where the engine does not have it. */
  inspectImage(reference: string, options?: Cancel): Promise<ImageDetails | undefined>;
  /** Resolves when the image is there; `onProgress` hears every layer. */
  pullImage(request: PullImage & Cancel): Promise<void>;
  pushImage(
    request: {
      readonly reference: string;
      readonly auth?: RegistryAuth;
      readonly onProgress?: (progress: PullProgress) => void;
    } & Cancel,
  ): Promise<void>;
  tagImage(source: string, target: string, options?: Cancel): Promise<void>;
  removeImage(reference: string, options?: { readonly force?: boolean } & Cancel): Promise<void>;
  imageHistory(
    reference: string,
    options?: Cancel,
  ): Promise<
    readonly {
      readonly id: string;
      readonly createdBy: string;
      readonly sizeBytes: number;
      readonly created: number;
    }[]
  >;
  /** Builds from a tar context. Which builder is used is in the request; output arrives in order. */
  buildImage(request: BuildImage & Cancel): Promise<{ readonly imageId: ImageId }>;
  /** A tar stream as `docker save` writes it. */
  saveImages(references: readonly string[], options?: Cancel): Promise<ByteSource>;
  loadImages(tar: AsyncIterable<Uint8Array>, options?: Cancel): Promise<void>;

  listNetworks(
    filter: { readonly labels?: readonly string[]; readonly names?: readonly string[] } & Cancel,
  ): Promise<readonly NetworkSummary[]>;
  createNetwork(body: NetworkBody, options?: Cancel): Promise<{ readonly id: string }>;
  removeNetwork(idOrName: string, options?: Cancel): Promise<void>;
  connectNetwork(
    network: string,
    container: ContainerId,
    endpoint: Record<string, unknown>,
    options?: Cancel,
  ): Promise<void>;
  disconnectNetwork(
    network: string,
    container: ContainerId,
    options?: { readonly force?: boolean } & Cancel,
  ): Promise<void>;

  listVolumes(
    filter: { readonly labels?: readonly string[]; readonly names?: readonly string[] } & Cancel,
  ): Promise<readonly VolumeSummary[]>;
  inspectVolume(name: string, options?: Cancel): Promise<VolumeSummary | undefined>;
  createVolume(body: VolumeBody, options?: Cancel): Promise<VolumeSummary>;
  removeVolume(name: string, options?: Cancel): Promise<void>;
  /** Removes what builds have left behind and no build is using. */
  pruneBuildCache(options?: Cancel): Promise<void>;
  /** Sizes of volumes and of images as the engine counts them; slow on large stores. */
  diskUsage(options?: Cancel): Promise<{
    readonly volumes: Readonly<Record<string, number>>;
    readonly imagesBytes: number;
    readonly buildCacheBytes: number;
  }>;

  /** Requests made so far, streams included; for the tests that prove that nothing polls. */
  readonly requests: { readonly count: number };
  close(): Promise<void>;
}

/** Every call can be given up; it then rejects with `cancelled`. */
export interface Cancel {
  readonly signal?: AbortSignal | undefined;
}

export interface EngineInfo {
  /** `Docker Engine`, `Podman`, `Docker Desktop` … */
  readonly product: string;
  readonly version: string;
  readonly apiVersion: string;
  /** As in DOCKER_HOST, e.g. `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  readonly operatingSystem: string;
  /** The engine's own platform, e.g. `linux/amd64`. */
  readonly platform: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly rootDir: string;
  readonly containers: number;
  readonly buildkit: boolean;
  readonly cgroupVersion: string;
  readonly registryMirrors: readonly string[];
}

/** The engine's own words. */
export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

/** `type` and `action` in the engine's own words, data that rides in the action (`health_status: healthy`) split off. */
export interface EngineEvent {
  readonly type: 'container' | 'network' | 'volume' | 'image' | 'daemon' | 'builder' | string;
  /** `create`, `start`, `die`, `kill`, `stop`, `destroy`, `rename`, `oom`, `pause`, `unpause`, `update`, `health_status`, `exec_die`, `connect`, … */
  readonly action: string;
  /** What stood after the colon of the action: `healthy`, or the command of an exec. */
  readonly detail?: string | undefined;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly at: number;
  readonly atNano: string;
}

/** Ends, without an error, when the engine closes it; the reader then reconnects and lists again. */
export interface EventStream extends AsyncIterable<EngineEvent> {
  close(): void;
}

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

export interface OpenLogs {
  readonly follow: boolean;
  /** Seconds with nanoseconds, as the engine takes it: `1700000000.123456789`. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** The last so many lines; all when left out. */
  readonly tail?: number | undefined;
  readonly timestamps: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

/** Bytes with back-pressure: nothing is read from the engine while no one asks for the next chunk. */
export interface ByteSource extends AsyncIterable<Uint8Array> {
  /** Closes the connection at once. */
  close(): void;
}

export interface Duplex {
  readonly output: ByteSource;
  /** Resolves when the engine has taken the bytes (back-pressure). */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes standard input; output goes on. */
  end(): void;
  close(): void;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly privileged?: boolean | undefined;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly truncated: boolean;
}

export interface ExecSession extends Duplex {
  readonly id: string;
  /** Retried until the exec has started; a session that is gone is not an error. */
  resize(size: { readonly columns: number; readonly rows: number }): Promise<void>;
  /** Resolves when the output has ended. */
  exitCode(options?: Cancel): Promise<number>;
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

export interface ImageSummary {
  readonly id: ImageId;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  readonly created: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ImageDetails extends ImageSummary {
  readonly platform: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant: string;
  readonly user: string;
  readonly workingDir: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly healthcheck?: readonly string[] | undefined;
  readonly stopSignal: string;
  readonly layers: readonly string[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What the engine wants in X-Registry-Auth. Never logged, never stored by us. */
export interface RegistryAuth {
  readonly serverAddress: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identityToken?: string | undefined;
  readonly registryToken?: string | undefined;
}

export interface PullProgress {
  /** The layer's short id, or empty for the image itself. */
  readonly layer: string;
  readonly phase:
    | 'waiting'
    | 'downloading'
    | 'verifying'
    | 'downloaded'
    | 'extracting'
    | 'done'
    | 'exists'
    | 'retrying'
    | 'message';
  readonly current?: number | undefined;
  readonly total?: number | undefined;
  readonly text: string;
}

export interface PullImage {
  readonly reference: string;
  readonly platform?: string | undefined;
  readonly auth?: RegistryAuth | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
}

export interface BuildImage {
  /** The context; never held in memory as a whole. */
  readonly context: AsyncIterable<Uint8Array>;
  /** Path of the Dockerfile inside the context. */
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  readonly target?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly cacheFrom?: readonly string[] | undefined;
  readonly networkMode?: string | undefined;
  readonly extraHosts?: readonly string[] | undefined;
  readonly platform?: string | undefined;
  readonly shmSizeBytes?: number | undefined;
  readonly noCache?: boolean | undefined;
  readonly pull?: boolean | undefined;
  readonly auths?: readonly RegistryAuth[] | undefined;
  readonly builder: 'buildkit' | 'classic';
  /** For BuildKit: it asks for files, secrets and agents itself while it builds, and `context` is never read. */
  readonly sources?: BuildSources | undefined;
  readonly onOutput?: ((output: BuildOutput) => void) | undefined;
}

/** What BuildKit may ask the client for. `context` and `dockerfile` are the folders that every build has. */
export interface BuildSources {
  /** The same for every build of one context: what the builder has of it is brought up to date. Others keep theirs. */
  readonly sharedKey?: string | undefined;
  readonly folders: Readonly<Record<string, BuildFolder>>;
  /** Further contexts by their name in the Dockerfile: `docker-image://…`, an address, or `local:<folder>`. */
  readonly contexts: Readonly<Record<string, string>>;
  /** The address of a context that the builder fetches itself; `folders` is then empty. */
  readonly remote?: string | undefined;
  /** The value of a secret; undefined where there is none of this id. Asked only when a step mounts it. */
  readonly secret: (id: string) => Promise<Uint8Array | undefined>;
  /** Opens a connection to the ssh agent of this id; undefined where there is none. */
  readonly sshAgent: (id: string) => AgentConnection | undefined;
}

export interface BuildFolder {
  /** Every folder before what is in it, siblings in the order of their names' bytes. */
  list(filter: BuildFolderFilter): AsyncIterable<BuildEntry>;
  read(path: string): AsyncIterable<Uint8Array>;
}

export interface BuildFolderFilter {
  /** Lines of an ignore file, in order. */
  readonly exclude: readonly string[];
  /** Only these paths, what is below them and what leads to them; all where it is empty. May hold wildcards. */
  readonly only: readonly string[];
}

export interface BuildEntry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Permission bits, set-user-id and the like included, as in chmod. */
  readonly mode: number;
  readonly sizeBytes: number;
  /** Nanoseconds since the epoch. */
  readonly modifiedNs: bigint;
  /** Target of a symbolic link; for a file the earlier entry that is the same file (a hard link). */
  readonly linkTarget?: string | undefined;
}

/** One connection to an ssh agent: its bytes both ways. */
export interface AgentConnection {
  readonly output: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): void;
  close(): void;
}

export type BuildOutput =
  | {
      readonly type: 'step';
      readonly id: string;
      readonly name: string;
      readonly status: 'started' | 'done' | 'failed';
      readonly cached: boolean;
      readonly durationMs?: number | undefined;
      readonly error?: string | undefined;
    }
  | { readonly type: 'log'; readonly id: string; readonly bytes: Uint8Array }
  | {
      readonly type: 'progress';
      readonly id: string;
      readonly name: string;
      readonly current: number;
      readonly total: number;
    };

export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly created: number;
  readonly options: Readonly<Record<string, string>>;
  readonly containers: readonly string[];
}

export interface VolumeSummary {
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly mountpoint: string;
  readonly created: number;
  readonly scope: string;
}
