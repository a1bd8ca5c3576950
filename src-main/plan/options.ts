/** What the user asked of a boot. */
export interface ReconcileOptions {
  /** These services and what they depend on; all when left out. */
  readonly services?: readonly string[] | undefined;
  /** The services as they are, without what they depend on: nothing of that is touched or waited for. */
  readonly alone?: boolean | undefined;
  /** `diverged` (the default): what changed. `force`: all that were selected. `never`: nothing that exists. */
  readonly recreate?: 'diverged' | 'force' | 'never' | undefined;
  /** `always`: build every service that can be built; `missing` (the default): those without an image. */
  readonly build?: 'missing' | 'always' | 'never' | undefined;
  /** `never`: only what exists is started. */
  readonly create?: 'missing' | 'never' | undefined;
  /** Overrides the services' own pull_policy. */
  readonly pull?: 'missing' | 'always' | 'never' | undefined;
  /** What is there has just been pulled or built: it is as new as it gets. */
  readonly imagesDone?: boolean | undefined;
  readonly orphans?: 'keep' | 'remove' | undefined;
  /** `ready`: also wait at the end until every selected service is healthy (or started, or done). */
  readonly until?: 'started' | 'ready' | undefined;
  /** Replicas by service, over the file's. */
  readonly scale?: Readonly<Record<string, number>> | undefined;
  /** Services whose finished one-shot is to run again. */
  readonly rerun?: readonly string[] | undefined;
  /** Seconds to wait for a container to stop, over the services' own. */
  readonly graceSeconds?: number | undefined;
  /** Ids of the hazards that the user agreed to; without it a diverged volume stays as it is. */
  readonly consents?: readonly string[] | undefined;
}
