/**
 * One volume per data-compatible line of versions. Written to `.slipway/lanes.json` only once a volume is complete: a copy
 * that was interrupted is never offered.
 */
export interface Lane {
  readonly service: string;
  readonly product: string;
  /** `17`, `10.11`: versions with the same lane may use the volume. */
  readonly lane: string;
  /** The engine's name of the volume. A bind mount's folder where `type` is bind. */
  readonly source: string;
  readonly type: 'volume' | 'bind';
  /** The image that ran on it last. */
  readonly image: string;
  /** Where the data belongs to a host name. */
  readonly hostname?: string | undefined;
  /** `file`: the project's own volume. `switch`: made by a version switch. */
  readonly origin: 'file' | 'switch';
  /** Where the data came from, where it was carried. */
  readonly carriedFrom?: string | undefined;
  /** The switch to it was taken back after it had begun to run: offered, but never chosen unasked. */
  readonly failed?: boolean | undefined;
  /** How much data there was when it was left, where the server told. */
  readonly bytes?: number | undefined;
  readonly createdAt: number;
  readonly usedAt: number;
}

export interface LaneFile {
  readonly version: 1;
  readonly lanes: readonly Lane[];
}

/** The lanes of a file's text; a file that is broken or newer than us is an error, never an empty list. */
export function parseLanes(text: string | undefined): readonly Lane[] {
  if (text === undefined) return [];
  const file = JSON.parse(text) as Partial<LaneFile>;
  if (file.version !== 1 || !Array.isArray(file.lanes))
    throw new Error('lanes.json was written by a newer Slipway.');
  return file.lanes;
}

export function formatLanes(lanes: readonly Lane[]): string {
  const sorted = [...lanes].sort((a, b) =>
    a.service + a.lane + a.source < b.service + b.lane + b.source ? -1 : 1,
  );
  return `${JSON.stringify({ version: 1, lanes: sorted } satisfies LaneFile, undefined, 2)}\n`;
}

/** Adds a lane, or replaces what is known of the same volume. */
export function putLane(lanes: readonly Lane[], lane: Lane): readonly Lane[] {
  return [...lanes.filter((other) => other.service !== lane.service || other.source !== lane.source), lane];
}

/** The engine's name for a new lane: `shop_pgdata--17`, with a number where that is taken. */
export function laneVolumeName(base: string, lane: string, taken: ReadonlySet<string>): string {
  const stem = `${base.replace(/--[\w.]+(?:-\d+)?$/, '')}--${lane}`;
  if (!taken.has(stem)) return stem;
  for (let number = 2; ; number += 1) {
    const name = `${stem}-${number}`;
    if (!taken.has(name)) return name;
  }
}
