import type { RegistryAuth } from './images.ts';

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
  /**
   * The builder keeps a copy of each identity, and takes a file whose name, size, mode and time are the copy's for the same
   * file. So the same for every build of one folder, and never that of another folder, also on another machine.
   */
  identity(): Promise<string>;
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
