import type { AppError, HealthOutput } from './errors.ts';
import type { ContainerId, ImageId, RunId, ServiceName, WorkspaceId } from './ids.ts';
import type { Progress, RunKind, RunRecord, StepKind, StepRecord } from './runModel.ts';

/**
 * What the core knows, as a flat set of records with one key each (see `recordKey`). The core reduces it once;
 * a reader applies frames (frames.ts) and derives the rest. Times are milliseconds since the epoch.
 */
export type StateRecord =
  | EngineRecord
  | SettingsRecord
  | GatewayRecord
  | WorkspaceRecord
  | ServiceRecord
  | RunRecord
  | StepRecord;

export type RecordKey = string & { readonly __brand: 'RecordKey' };

/** The key of a record; records of one workspace share the prefix `workspace/`. */
export function recordKey(record: StateRecord): RecordKey {
  return keyOf(record) as RecordKey;
}

function keyOf(record: StateRecord): string {
  switch (record.type) {
    case 'engine':
    case 'settings':
    case 'gateway':
      return record.type;
    case 'workspace':
      return `workspace:${record.id}`;
    case 'service':
      return `service:${record.workspace}/${record.name}`;
    case 'run':
      return `run:${record.workspace}/${record.id}`;
    case 'step':
      return `step:${record.workspace}/${record.run}/${record.index}`;
  }
}

export interface EngineRecord {
  readonly type: 'engine';
  readonly status: EngineStatus;
}

export type EngineStatus =
  | { readonly type: 'connecting' }
  | {
      readonly type: 'connected';
      readonly product: string;
      readonly version: string;
      readonly apiVersion: string;
      readonly endpoint: string;
      readonly operatingSystem: string;
      readonly platform: string;
      readonly cpus: number;
      readonly memoryBytes: number;
      /** Of compose projects, as they come and go. */
      readonly containers: number;
      readonly since: number;
    }
  | {
      readonly type: 'unreachable';
      readonly error: AppError;
      readonly since: number;
      readonly tried: readonly string[];
    };

export interface SettingsRecord {
  readonly type: 'settings';
  readonly theme: 'light' | 'dark' | 'system';
  readonly recents: readonly RecentProject[];
  readonly gateway: { readonly on: boolean; readonly port: number };
  readonly home: string;
  /** The running Slipway's version. */
  readonly version: string;
}

/** The one address under which every service with an HTTP port answers, where somebody wants it. */
export interface GatewayRecord {
  readonly type: 'gateway';
  readonly status:
    | { readonly type: 'off' }
    | { readonly type: 'listening'; readonly port: number }
    | { readonly type: 'failed'; readonly port: number; readonly error: AppError };
}

export interface RecentProject {
  readonly folder: string;
  readonly name: string;
  readonly openedAt: number;
}

export interface WorkspaceRecord {
  readonly type: 'workspace';
  readonly id: WorkspaceId;
  readonly folder: string;
  /** The project's name as compose sees it; the folder's where the file could not be read. */
  readonly name: string;
  readonly composeFiles: readonly string[];
  /** The git branch of the folder, where it is a checkout. */
  readonly branch?: string | undefined;
  readonly project: ProjectStatus;
  /** In the order of the file. */
  readonly services: readonly ServiceName[];
  readonly profiles: readonly {
    readonly name: string;
    readonly active: boolean;
    readonly services: readonly ServiceName[];
  }[];
  /** Containers that carry this project's labels but belong to no service of the file. */
  readonly orphans: readonly {
    readonly id: ContainerId;
    readonly name: string;
    readonly service: string;
    readonly state: ContainerState;
  }[];
  /** The run that works on this stack now. */
  readonly activeRun?: RunId | undefined;
  /** The last boot that ended. */
  readonly lastBoot?:
    | { readonly run: RunId; readonly totalMs: number; readonly outcome: 'done' | 'failed' | 'cancelled' }
    | undefined;
  /** What was done last with the stack since Slipway was started. */
  readonly lastRun?: RunKind | undefined;
  /** Milliseconds that this stack's boots usually take, learned; absent before the third. */
  readonly usualBootMs?: number | undefined;
  /** False while the engine is away: what stands here is what was known last. */
  readonly live: boolean;
  /** What the override of this project decides, if anything. */
  readonly override?: string | undefined;
}

/** How one service is apart from what production runs. */
export type DriftState =
  | 'same'
  | 'behind'
  | 'ahead'
  | 'differentBuild'
  | 'differentImage'
  | 'versionApart'
  | 'onlyHere'
  | 'onlyThere'
  | 'unknown';

export type ProjectStatus =
  | { readonly type: 'loading' }
  | {
      readonly type: 'loaded';
      readonly warnings: readonly {
        readonly message: string;
        readonly at?: { readonly file: string; readonly line: number; readonly column: number } | undefined;
      }[];
    }
  | { readonly type: 'invalid'; readonly errors: readonly AppError[] };

/** The engine's own words. */
export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';
export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

export interface ServiceRecord {
  readonly type: 'service';
  readonly workspace: WorkspaceId;
  readonly name: ServiceName;
  /** The image that the file (with the override) asks for; a name for what is built here. */
  readonly image: string;
  readonly built: boolean;
  /** Which product it is, where a middleware profile knows it. */
  readonly middleware?:
    | { readonly product: string; readonly title: string; readonly version: string }
    | undefined;
  /** In no active profile: known, not part of a boot. */
  readonly disabled: boolean;
  /** Meant to end by itself: others wait for its completion, or it has ended with 0 and does not restart. */
  readonly oneShot: boolean;
  readonly status: ServiceStatus;
  readonly replicas: readonly Replica[];
  readonly wantedReplicas: number;
  readonly ports: readonly PublishedPort[];
  /** The port inside the container that the gateway leads to; absent where nothing speaks HTTP. */
  readonly webPort?: number | undefined;
  readonly dependsOn: readonly {
    readonly service: ServiceName;
    readonly condition: Condition;
    readonly required: boolean;
  }[];
  /** Why a boot would recreate it, in words; absent where it matches the file. */
  readonly diverged?: string | undefined;
  readonly failure?: FailureCard | undefined;
  /** Runs a production image for a while instead of its own. */
  readonly swap?:
    | {
        readonly image: string;
        readonly until?: number | undefined;
        readonly since: number;
        /** How it is looked into: what it would run, where it sleeps instead; the debugger and its port on loopback. */
        readonly debug?:
          | {
              readonly startByHand?: string | undefined;
              readonly title?: string | undefined;
              readonly hostPort?: number | undefined;
            }
          | undefined;
      }
    | undefined;
  /** How it was apart from what production runs when that was looked at last; absent where it was not, or nobody looked. */
  readonly apart?:
    | { readonly environment: string; readonly state: DriftState; readonly there: string }
    | undefined;
  readonly memory?:
    | {
        readonly limitBytes?: number | undefined;
        readonly reservedBytes?: number | undefined;
        /** How often the kernel ended something of it for want of memory, since its containers are watched. */
        readonly oomKills: number;
      }
    | undefined;
  readonly hasShell?: boolean | undefined;
  /** Its product has a client of its own that can be opened logged in. */
  readonly hasClient?: boolean | undefined;
  /** Its first process reads what one types: it can be attached to. */
  readonly readsInput?: boolean | undefined;
  readonly watching?:
    | {
        readonly lastAction?: string | undefined;
        readonly outcome?: 'done' | 'failed' | undefined;
        readonly at?: number | undefined;
      }
    | undefined;
}

/** What the service is doing, once for all its replicas; `describeState` says it in words. */
export type ServiceStatus =
  | { readonly type: 'absent' }
  /** Its container is there and has never been started. */
  | { readonly type: 'created'; readonly at: number }
  | {
      readonly type: 'waiting';
      readonly for: readonly { readonly service: ServiceName; readonly condition: Condition }[];
    }
  | {
      readonly type: 'working';
      readonly on: StepKind;
      readonly progress?: Progress | undefined;
      readonly since: number;
      /** What is odd about it: "retrying: name in use, 2nd try". */
      readonly note?: string | undefined;
    }
  | { readonly type: 'starting'; readonly since: number; readonly lastHealth?: HealthOutput | undefined }
  | {
      readonly type: 'running';
      readonly since: number;
      readonly health: Health;
      readonly healthySince?: number | undefined;
      readonly lastHealth?: HealthOutput | undefined;
    }
  | { readonly type: 'unhealthy'; readonly since: number; readonly lastHealth?: HealthOutput | undefined }
  | { readonly type: 'restarting'; readonly times: number; readonly exitCode: number; readonly at: number }
  | { readonly type: 'paused'; readonly since: number }
  | { readonly type: 'done'; readonly at: number; readonly tookMs: number }
  | { readonly type: 'stopped'; readonly at: number; readonly exitCode: number }
  | {
      readonly type: 'exited';
      readonly at: number;
      readonly exitCode: number;
      readonly oomKilled: boolean;
      readonly restarts: number;
    }
  | { readonly type: 'failed'; readonly at: number; readonly error: AppError };

export interface Replica {
  readonly id: ContainerId;
  readonly number: number;
  readonly name: string;
  readonly state: ContainerState;
  readonly health: Health;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly image: string;
  readonly imageId: ImageId;
  readonly lastHealth?: HealthOutput | undefined;
}

export interface PublishedPort {
  readonly host: string;
  readonly published: number;
  readonly target: number;
  readonly protocol: string;
  /** Where a browser can go, for ports that speak HTTP. */
  readonly url?: string | undefined;
}

/** What the user sees where a service failed: the cause in words, the last lines, and the ways out. */
export interface FailureCard {
  readonly rule: string;
  readonly title: string;
  readonly explanation: string;
  readonly lines: readonly string[];
  readonly exitCode?: number | undefined;
  readonly oomKilled?: boolean | undefined;
  readonly lastHealth?: HealthOutput | undefined;
  readonly dependents: readonly ServiceName[];
  readonly fixes: readonly Fix[];
  readonly at: number;
}

/** One button. `id` goes back to the core in `service.fix`; the core knows what it means. */
export interface Fix {
  readonly id: string;
  readonly label: string;
  readonly emphasis: 'primary' | 'normal' | 'quiet';
  /** What is lost, said before it is done; absent where nothing is. */
  readonly loses?: string | undefined;
}
