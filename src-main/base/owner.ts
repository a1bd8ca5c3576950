/** One process of Slipway, as it names itself in what it leaves on the disk or at the engine. */
export interface Owner {
  readonly pid: number;
  /** Tells a process from a later one of the same number, also after a restart of the machine; empty where nothing does. */
  readonly began: string;
}
