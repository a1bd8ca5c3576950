import type { Position } from '#contract/errors.ts';
import type { Deploy } from './deploy.ts';

/**
 * The project model: what a set of compose files means once everything is resolved. The attributes keep the names of the
 * Compose Specification and the canonical (long) form, so that `docker compose config --format json` prints the same.
 * Keys stand in a fixed order (bind/shapes.ts) because docker compose hashes that very JSON.
 */

/** Bytes as docker compose prints them: a decimal number in a string. */
export type Bytes = string;
/** A duration as Go prints it: `1m30s`, `500ms`, `0s`. */
export type Duration = string;
/** A file mode in octal, with a leading zero: `0440`. */
export type FileMode = string;

export const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'] as const;
/** What a dependency waits for. */
export type Condition = (typeof CONDITIONS)[number];

export interface Dependency {
  readonly condition: Condition;
  /** Whether the dependent is restarted when this service is recreated or restarted. */
  readonly restart?: boolean;
  /** false: a missing or disabled service is only a warning. */
  readonly required: boolean;
}

/** A published or merely exposed port. `published` may be a range (`8000-8010`); absent means "any free port". */
export interface Port {
  readonly name?: string;
  readonly mode?: string;
  readonly host_ip?: string;
  readonly target?: number;
  readonly published?: string;
  readonly protocol?: string;
  readonly app_protocol?: string;
}

export interface VolumeMount {
  readonly type: string;
  /** A host path (bind), the key of a top-level volume (volume) or an image (image). Absent: anonymous. */
  readonly source?: string;
  readonly target?: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly selinux?: string;
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    readonly recursive?: string;
  };
  readonly volume?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly nocopy?: boolean;
    readonly subpath?: string;
  };
  readonly tmpfs?: { readonly size?: Bytes; readonly mode?: number };
  readonly image?: { readonly subpath?: string };
}

/** A secret or config handed to a service or a build. */
export interface FileReference {
  readonly source?: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: FileMode;
}

/** Absent attributes are the engine's to choose, or inherited from the image. */
export interface Healthcheck {
  /** `CMD`, `CMD-SHELL` or `NONE` first. */
  readonly test?: readonly string[];
  readonly timeout?: Duration;
  readonly interval?: Duration;
  readonly retries?: number;
  readonly start_period?: Duration;
  readonly start_interval?: Duration;
  readonly disable?: boolean;
}

/** One number for both limits, or one each. */
export type Ulimit = number | { readonly soft?: number; readonly hard?: number };

export interface Build {
  /** An absolute path, or an address (`https://…`, `git@…`). */
  readonly context?: string;
  /** Relative to the context, unless absolute. */
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly entitlements?: readonly string[];
  readonly args?: Readonly<Record<string, string | null>>;
  readonly provenance?: string;
  readonly sbom?: string;
  readonly ssh?: readonly SshKey[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly cache_from?: readonly string[];
  readonly cache_to?: readonly string[];
  readonly no_cache?: boolean;
  readonly additional_contexts?: Readonly<Record<string, string>>;
  readonly pull?: boolean;
  /** `host=address`, sorted. */
  readonly extra_hosts?: readonly string[];
  readonly isolation?: string;
  readonly network?: string;
  readonly target?: string;
  readonly secrets?: readonly FileReference[];
  readonly shm_size?: Bytes;
  readonly tags?: readonly string[];
  readonly ulimits?: Readonly<Record<string, Ulimit>>;
  readonly platforms?: readonly string[];
  readonly privileged?: boolean;
}

/** An agent or a key that a build may use: `default`, or `id=path`. */
export type SshKey = string;

export interface WatchRule {
  readonly path: string;
  readonly action: 'sync' | 'rebuild' | 'restart' | 'sync+restart' | 'sync+exec';
  readonly target?: string;
  readonly exec: Hook;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  readonly initial_sync?: boolean;
}

/** A command run inside the container after start or before stop. */
export interface Hook {
  readonly command: readonly string[] | null;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
}

export interface DeviceRequest {
  readonly capabilities?: readonly string[];
  readonly driver?: string;
  /** -1 is "all". */
  readonly count?: number;
  readonly device_ids?: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
}

/** How a service takes part in a network. */
export interface NetworkAttachment {
  readonly aliases?: readonly string[];
  readonly driver_opts?: Readonly<Record<string, string>>;
  /** The higher one becomes the default gateway. */
  readonly gw_priority?: number;
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  /** The order in which networks are joined, the highest first. */
  readonly priority?: number;
}

export interface BlkioDevice {
  readonly Path: string;
  readonly Rate: Bytes;
}

export interface BlkioConfig {
  readonly weight?: number;
  readonly weight_device?: readonly { readonly Path: string; readonly Weight: number }[];
  readonly device_read_bps?: readonly BlkioDevice[];
  readonly device_read_iops?: readonly BlkioDevice[];
  readonly device_write_bps?: readonly BlkioDevice[];
  readonly device_write_iops?: readonly BlkioDevice[];
}

/** One service, canonical. `command` and `entrypoint` are null when the image decides, `[]` when cleared. */
export interface Service {
  readonly profiles?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly attach?: boolean;
  readonly build?: Build;
  readonly develop?: { readonly watch?: readonly WatchRule[] };
  readonly blkio_config?: BlkioConfig;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cgroup_parent?: string;
  readonly cgroup?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly cpu_shares?: number;
  readonly command: readonly string[] | null;
  readonly configs?: readonly FileReference[];
  readonly container_name?: string;
  readonly credential_spec?: { readonly config?: string; readonly file?: string; readonly registry?: string };
  readonly depends_on?: Readonly<Record<string, Dependency>>;
  readonly deploy?: Deploy;
  readonly device_cgroup_rules?: readonly string[];
  readonly devices?: readonly {
    readonly source?: string;
    readonly target?: string;
    readonly permissions?: string;
  }[];
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly domainname?: string;
  readonly entrypoint: readonly string[] | null;
  readonly provider?: {
    readonly type?: string;
    readonly options?: Readonly<Record<string, readonly string[]>>;
  };
  /** Everything resolved, env_file included. null: named without a value, and the environment has none. */
  readonly environment?: Readonly<Record<string, string | null>>;
  /** Only with `envFileResolution: 'keep'`; otherwise the content stands in `environment`. */
  readonly env_file?: readonly (string | EnvFile)[];
  readonly expose?: readonly string[];
  readonly external_links?: readonly string[];
  /** `host=address`, sorted. */
  readonly extra_hosts?: readonly string[];
  readonly group_add?: readonly string[];
  readonly gpus?: readonly DeviceRequest[];
  readonly hostname?: string;
  readonly healthcheck?: Healthcheck;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly isolation?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Read into `labels`; the names stay, as docker compose hashes them. */
  readonly label_file?: readonly string[];
  readonly links?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: Readonly<Record<string, string>> };
  readonly mem_limit?: Bytes;
  readonly mem_reservation?: Bytes;
  readonly memswap_limit?: Bytes;
  readonly mem_swappiness?: Bytes;
  readonly mac_address?: string;
  readonly models?: Readonly<
    Record<string, { readonly endpoint_var?: string; readonly model_var?: string } | null>
  >;
  readonly network_mode?: string;
  /** null: attached with nothing said. */
  readonly networks?: Readonly<Record<string, NetworkAttachment | null>>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly Port[];
  readonly privileged?: boolean;
  readonly pull_policy?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  readonly scale?: number;
  readonly secrets?: readonly FileReference[];
  readonly security_opt?: readonly string[];
  readonly shm_size?: Bytes;
  readonly stdin_open?: boolean;
  readonly stop_grace_period?: Duration;
  readonly stop_signal?: string;
  readonly storage_opt?: Readonly<Record<string, string>>;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly tmpfs?: readonly string[];
  readonly tty?: boolean;
  readonly ulimits?: Readonly<Record<string, Ulimit>>;
  readonly use_api_socket?: boolean;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly VolumeMount[];
  readonly volumes_from?: readonly string[];
  readonly working_dir?: string;
  readonly post_start?: readonly Hook[];
  readonly pre_stop?: readonly Hook[];
}

/** An environment file that may be missing. */
export interface EnvFile {
  readonly path: string;
  readonly required: boolean;
  readonly format?: string;
}

export interface Network {
  /** The engine's name of the network, prefix included. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
  readonly ipam: {
    readonly driver?: string;
    readonly config?: readonly {
      readonly subnet?: string;
      readonly gateway?: string;
      readonly ip_range?: string;
      readonly aux_addresses?: Readonly<Record<string, string>>;
    }[];
  };
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
}

export interface Volume {
  /** The engine's name of the volume, prefix included. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
  readonly external?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A top-level secret or config: where its bytes come from. */
export interface FileObject {
  readonly name: string;
  readonly file?: string;
  /** The variable that holds the content; its value stands in `Project.resolvedContent`. */
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly driver?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
  readonly template_driver?: string;
}

export interface Model {
  readonly name?: string;
  readonly model?: string;
  readonly context_size?: number;
  readonly runtime_flags?: readonly string[];
}

/** Something to tell the user that does not stop the load. */
export interface LoadWarning {
  readonly kind:
    | 'variable.unset'
    | 'attribute.obsolete'
    | 'attribute.unsupported'
    | 'format.converted'
    | 'boolean.yaml11'
    | 'files.ambiguous';
  readonly message: string;
  /** Where in the document, `services.web.ports[0]`. */
  readonly path?: string;
  readonly position?: Position;
}

/** A variable that the files require (`${NAME:?reason}`) and nobody set. */
export interface MissingVariable {
  readonly name: string;
  /** The text after `:?`, empty when the file gives none. */
  readonly reason: string;
  readonly path: string;
  readonly position: Position;
}

/** A compose project, resolved. What stands above the line is the document, what stands below is about the load. */
export interface Project {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly secrets: Readonly<Record<string, FileObject>>;
  readonly configs: Readonly<Record<string, FileObject>>;
  readonly models: Readonly<Record<string, Model>>;
  /** The top-level `x-*` attributes. */
  readonly extensions: Readonly<Record<string, unknown>>;
  // ──
  /** The `x-*` attributes of services, which docker compose does not print. */
  readonly serviceExtensions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Services whose profiles are not active. */
  readonly disabledServices: Readonly<Record<string, Service>>;
  /** The active profiles; `*` is all. */
  readonly profiles: readonly string[];
  /** Absolute: what relative paths start from, and the folder that names the project. */
  readonly workingDir: string;
  /** Absolute, in the order of merging. */
  readonly composeFiles: readonly string[];
  /** Variables that interpolation used: the process environment first, then the environment files. */
  readonly environment: Readonly<Record<string, string>>;
  /** Content that came from environment variables, by the key of the secret or config. Never print it. */
  readonly resolvedContent: {
    readonly secrets: Readonly<Record<string, string>>;
    readonly configs: Readonly<Record<string, string>>;
  };
  readonly warnings: readonly LoadWarning[];
  /** The place of `services.web.image` and the like, when the attribute came from a file. */
  readonly sourceOf: (path: string) => Position | undefined;
}
