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
