import type { Bytes, DeviceRequest, Duration } from './project.ts';

/** What a container may use, or is promised. */
export interface Resource {
  readonly cpus?: number;
  readonly memory?: Bytes;
  readonly pids?: number;
  readonly devices?: readonly DeviceRequest[];
  readonly generic_resources?: readonly {
    readonly discrete_resource_spec?: { readonly kind: string; readonly value: number };
  }[];
}

/** How a swarm rolls a change out; a single engine has no use for it. */
export interface UpdateConfig {
  readonly parallelism?: number;
  readonly delay?: Duration;
  readonly failure_action?: string;
  readonly monitor?: Duration;
  readonly max_failure_ratio?: number;
  readonly order?: string;
}

/** The deployment of a service: replicas and resources count here, the rest is a swarm's. */
export interface Deploy {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly update_config?: UpdateConfig;
  readonly rollback_config?: UpdateConfig;
  readonly resources: { readonly limits?: Resource; readonly reservations?: Resource };
  readonly restart_policy?: {
    readonly condition?: string;
    readonly delay?: Duration;
    readonly max_attempts?: number;
    readonly window?: Duration;
  };
  readonly placement: {
    readonly constraints?: readonly string[];
    readonly preferences?: readonly { readonly spread?: string }[];
    readonly max_replicas_per_node?: number;
  };
  readonly endpoint_mode?: string;
}
