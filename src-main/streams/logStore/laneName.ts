/** Whose lines a lane holds. The project's own markers stand in the lane of service `''`, number 0. */
export interface LaneKey {
  readonly service: string;
  /** The replica's number, from 1. */
  readonly number: number;
}

/**
 * A lane's folder. Not the bare name: services may differ in case only, which macOS and Windows cannot tell apart in file
 * names, and may be called `con` or `aux`, which Windows does not allow.
 */
export function laneFolder({ service, number }: LaneKey): string {
  const escaped = service.replace(/[^a-z0-9._-]/g, (char) => `+${char.codePointAt(0)?.toString(16)}+`);
  return `s-${escaped}~${number}`;
}

export function parseLaneFolder(folder: string): LaneKey | undefined {
  const match = /^s-(.*)~(\d+)$/.exec(folder);
  if (match === null) return undefined;
  const service = (match[1] ?? '').replace(/\+([0-9a-f]+)\+/g, (_, code) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
  return { service, number: Number(match[2]) };
}

/** As shown beside a line: `api`, and `api-2` for the second replica. */
export function sourceName({ service, number }: LaneKey): string {
  return number > 1 ? `${service}-${number}` : service;
}
