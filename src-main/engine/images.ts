import type { ImageId } from '#contract/ids.ts';

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
