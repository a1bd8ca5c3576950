/** How production describes itself. */
export const MANIFEST_FORMATS = ['compose', 'kubernetes', 'ecs', 'nomad', 'map'] as const;
export type ManifestFormat = (typeof MANIFEST_FORMATS)[number];

/** What one environment runs, read from a manifest. Values of variables are dropped while reading: they never get this far. */
export interface ProductionManifest {
  readonly environment: string;
  readonly format: ManifestFormat;
  readonly containers: readonly ProductionContainer[];
  /** What could not be read, in words; the rest stands. */
  readonly problems: readonly string[];
}

export interface ProductionContainer {
  /** The container's own name: a service in compose, a container of a pod or task. */
  readonly name: string;
  /** What it is part of, as people call it: `Deployment shop-api`. */
  readonly workload?: ProductionWorkload | undefined;
  /** As the manifest writes it. */
  readonly image: string;
  /** `sha256:…`, where the manifest or the running container tells. */
  readonly digest?: string | undefined;
  /** Names of environment variables, sorted. */
  readonly env: readonly string[];
  /** Variables come from somewhere that the manifest does not show (a ConfigMap, a file): the names are not all. */
  readonly envIncomplete: boolean;
  /** What takes the image's entrypoint's place. */
  readonly entrypoint?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly user?: string | undefined;
  /** Ports that it listens on, `8080/tcp`, sorted. */
  readonly ports: readonly string[];
  readonly limits: Limits;
  /** Runs once before the others, or at times: not something that serves. */
  readonly role: 'service' | 'init' | 'job';
}

export interface ProductionWorkload {
  readonly kind: string;
  readonly name: string;
}

export interface Limits {
  /** Cores: 0.5 is half a core. */
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
}

/** A manifest's container without what its format does not know. */
export function container(
  known: Pick<ProductionContainer, 'name' | 'image'> & Partial<ProductionContainer>,
): ProductionContainer {
  return { env: [], envIncomplete: false, ports: [], limits: {}, role: 'service', ...known };
}
