import type { ContainerId, ImageId } from '#contract/ids.ts';
import type { NetworkBody, VolumeBody } from './bodies.ts';
import type { BuildImage } from './builds.ts';
import type {
  ContainerDetails,
  ContainerFilter,
  ContainerStats,
  ContainerSummary,
  CreateContainer,
  PathStat,
  RestartPolicy,
} from './containers.ts';
import type { EventStream } from './events.ts';
import type { ImageDetails, ImageSummary, PullImage, PullProgress, RegistryAuth } from './images.ts';
import type { NetworkSummary, VolumeSummary } from './storage.ts';
import type { ByteSource, Duplex, ExecRequest, ExecResult, ExecSession, OpenLogs } from './streams.ts';

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
  /**
   * Live figures until the container goes or `signal` aborts: about one a second, of a container at rest one in five seconds.
   */
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
