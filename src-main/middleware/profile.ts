import type { ExecResult, ExecSession } from '#engine/streams.ts';
import type { Version } from './version.ts';

/** A service's environment as its container sees it. */
export type Environment = Readonly<Record<string, string>>;

/**
 * What Slipway knows of one product. Declarative where it can be; `carry` is the code that moves data between versions.
 * Adding a product: a file beside this one, a line in profiles.ts, a scenario (CONTRIBUTING tells how).
 */
export interface MiddlewareProfile {
  /** `postgres`; also what `x-slipway: { middleware: postgres }` names. */
  readonly product: string;
  /** As people write it: `Postgres`. */
  readonly title: string;
  /** Repositories without registry, e.g. `library/postgres`, `bitnami/postgresql`; matched on any registry. */
  readonly repositories: readonly string[];
  /** The default repository, for offers such as "use today's image". */
  readonly repository: string;
  readonly port: number;
  /** Undefined: it keeps no data, so a switch is a change of image and nothing else. */
  readonly data?: DataProfile | undefined;
  /** A command that exits 0 when the server answers. Used for display and for "ready", never for depends_on. */
  readonly probe?: ((environment: Environment) => readonly string[]) | undefined;
  /**
   * The image starts a server that only its own socket reaches, to make the database, and then the real one. A check that asks
   * on the socket passes too early; `probe` asks as others will.
   */
  readonly startsTwice?: boolean | undefined;
  /** The product's own client, logged in. */
  readonly client?: ((environment: Environment) => readonly string[]) | undefined;
  /** Where an application connects. */
  readonly url?:
    | ((environment: Environment, address: { readonly host: string; readonly port: number }) => string)
    | undefined;
  /** How an account's password is set in the running server by somebody who does not know the old one. */
  readonly setPassword?: ((account: Account, environment: Environment) => PasswordChange) | undefined;
  /** When a line of versions ends or ended, `YYYY-MM-DD`, by lane. Source: the product's own release page. */
  readonly endOfLife?: Readonly<Record<string, string>> | undefined;
  /** Versions offered when no registry answers and nothing is on this machine. */
  readonly known: readonly string[];
}

export interface Account {
  readonly user: string;
  readonly password: string;
}

/** A command for the server's own container; what is secret stands in its input or environment. */
export interface PasswordChange {
  readonly command: readonly string[];
  readonly stdin?: string | undefined;
  readonly env?: Environment | undefined;
  /** Where the server refuses that: a command for another container of its image, alone with its data while it is stopped. */
  readonly alone?: { readonly command: readonly string[]; readonly env: Environment } | undefined;
}

/** How a product keeps its data. */
export interface DataProfile {
  /** Versions with the same lane share a data format: they may use one volume, in both directions. */
  lane(version: Version): string;
  /** Where the volume is mounted for this version. */
  mountPath(version: Version): string;
  /** Environment variables that move the data directory, as given by the user. */
  readonly directoryVariable?: string | undefined;
  /** Files below the mount that tell the version of what lies there, first found wins. */
  readonly markers: readonly DataMarker[];
  /** Whether a server of `version` can start on data of `lane`. */
  opens(version: Version, lane: string): 'yes' | 'one-way' | 'no';
  /** The data belongs to the host name that the server had; under another name it starts empty beside it. */
  readonly byHostname?: true | undefined;
  /** Other products that speak the same commands, so that a carry reaches them, too. */
  readonly relatives?: readonly string[] | undefined;
  /**
   * Has the running server keep its data when it is stopped, where it is set up to forget it: what was in it when the switch
   * was asked for is what is carried or returned to.
   */
  keep?(server: Server): Promise<void>;
  /** Undefined: data cannot be carried; `why` is said to the user. */
  readonly carry?: Carry | undefined;
  readonly whyNoCarry?: string | undefined;
  /** What nobody has tried on a real server, in one sentence for the plan. */
  readonly unproved?: string | undefined;
  /** Rebuilds what another sorting library of the image has made wrong; its progress in words. */
  reindex?(
    server: Server,
    options: { readonly say: (text: string) => void; readonly signal: AbortSignal },
  ): Promise<void>;
  /** What people run into with this change, in whole sentences, said in the plan. */
  traps?(change: VersionChange): readonly string[];
  /** What a carry leaves behind, said in the plan. */
  readonly leavesBehind?: readonly string[] | undefined;
}

export interface VersionChange {
  readonly from: Version;
  readonly to: Version;
  readonly data: 'none' | 'carry' | 'resume' | 'fresh';
}

export interface DataMarker {
  /** Relative to the mount. */
  readonly path: string;
  /** The lane that the file's first kilobytes tell. */
  lane(content: Uint8Array): string | undefined;
}

/** One server that runs only for a carry: alone, without a network, reached by exec. */
export interface Server {
  readonly product: string;
  readonly version: Version;
  /** Found in the service's command line (`--requirepass …`), where the environment does not hold it. */
  readonly password?: string | undefined;
  readonly environment: Environment;
  /** Runs to the end; the exit code is the caller's to judge. */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** A command that is talked to for a while; its output is the engine's multiplexed stream. */
  open(command: readonly string[], options?: ExecOptions): Promise<ExecSession>;
  /** Pipes the standard output of a command here into the standard input of a command there. */
  pipeTo(
    command: readonly string[],
    target: Server,
    targetCommand: readonly string[],
    options: PipeOptions,
  ): Promise<PipeResult>;
  /** A file of the container as one tar stream's content, piped into a command there. */
  pipeFileTo(
    path: string,
    target: Server,
    targetCommand: readonly string[],
    options: PipeOptions,
  ): Promise<PipeResult>;
  /** Feeds bytes into a command's standard input. */
  feed(
    command: readonly string[],
    bytes: AsyncIterable<Uint8Array>,
    options: PipeOptions,
  ): Promise<PipeResult>;
}

export interface ExecOptions {
  readonly user?: string | undefined;
  readonly stdin?: Uint8Array | undefined;
  readonly limitBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Secrets go this way, never into a command line. */
  readonly env?: Environment | undefined;
}

export interface PipeOptions {
  readonly user?: string | undefined;
  readonly targetUser?: string | undefined;
  readonly env?: Environment | undefined;
  readonly targetEnv?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Rewrites the stream on its way; chunks end anywhere. */
  readonly filter?: ((source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface PipeResult {
  readonly sourceExitCode: number;
  readonly targetExitCode: number;
  readonly bytes: number;
  /** The last kilobytes of both sides' standard error and of the target's output. */
  readonly sourceErrors: string;
  readonly targetOutput: string;
}

export interface CarryContext {
  readonly source: Server;
  readonly target: Server;
  readonly signal?: AbortSignal | undefined;
  /** For a move that compares what has arrived while the rest is on its way. */
  readonly known: KnownContent;
  readonly onProgress: (progress: {
    readonly text: string;
    readonly bytes?: number;
    readonly total?: number;
    readonly rows?: number;
  }) => void;
}

/** Lines of each side's fingerprint, by what they are about, as read from that side once its data had arrived. */
export interface KnownContent {
  readonly source: Map<string, string>;
  readonly target: Map<string, string>;
}

export interface FingerprintOptions {
  readonly signal?: AbortSignal | undefined;
  /** The version on the other side, for a faster way that both know. */
  readonly other?: Version | undefined;
  /** Of this side, read while the move was going on: not to be read again. */
  readonly known?: ReadonlyMap<string, string> | undefined;
}

export interface PreparedServer {
  readonly side: 'source' | 'target';
  readonly version: Version;
  /** Of the service; undefined where it has no limit. */
  readonly memoryBytes?: number | undefined;
}

export interface Carry {
  /** One sentence for the plan. */
  readonly how: string;
  /** Changes to the environment of the empty target, so that it starts without what the dump brings. */
  prepareTarget?(environment: Environment): Environment;
  /** Changes to the command of either server for the time of the carry; `[]` where nobody said one. */
  prepareCommand?(command: readonly string[], server: PreparedServer): readonly string[];
  /**
   * A folder that both servers share: the target has it at its socket's place and the source where it says, so that the
   * data need not pass through the engine and Slipway.
   */
  readonly meeting?: { readonly target: string; readonly source: string } | undefined;
  /** What must be on disk before the target is stopped; runs while both sides are compared. */
  settle?(target: Server, signal?: AbortSignal): Promise<void>;
  /** Moves everything. Throws `data.dumpFailed`. */
  move(context: CarryContext): Promise<void>;
  /** A fingerprint of one side: the same text lines for the same content, whatever the version. */
  fingerprint(server: Server, options: FingerprintOptions): Promise<readonly string[]>;
  /** Bytes of data, for the estimate; undefined where the server cannot tell. */
  size?(server: Server): Promise<number | undefined>;
}
