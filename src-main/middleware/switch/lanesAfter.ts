import { type Lane, putLane } from '../lane.ts';
import type { DataPlace, VersionSwitch } from './decide.ts';

/** `bytes`: of the data that is left, where they are known. */
export interface LeftAt {
  readonly now: number;
  readonly bytes?: number | undefined;
}

/** The lanes once a switch is committed: the one that is left, and the one that is taken into use. */
export function lanesAfter(
  before: readonly Lane[],
  decision: VersionSwitch,
  { now, bytes }: LeftAt,
): readonly Lane[] {
  const { source, target, fromLane, toLane } = decision;
  const base = { service: decision.service, product: decision.product, usedAt: now, failed: undefined };
  const known = (place: DataPlace) =>
    before.find((lane) => lane.service === decision.service && lane.source === place.source);
  let lanes = before;
  if (source && fromLane) {
    lanes = putLane(lanes, {
      createdAt: now,
      origin: 'file',
      ...known(source),
      ...base,
      lane: fromLane,
      hostname: decision.fromHostname,
      source: source.source,
      type: source.type,
      image: decision.fromImage,
      ...(bytes !== undefined && { bytes }),
    });
  }
  if (target && toLane && target.source !== source?.source) {
    lanes = putLane(lanes, {
      createdAt: now,
      origin: 'switch',
      ...known(target),
      ...(decision.data === 'carry' && { carriedFrom: decision.fromImage }),
      ...base,
      product: decision.toProduct ?? decision.product,
      lane: toLane,
      hostname: decision.toHostname,
      source: target.source,
      type: target.type,
      image: decision.toImage,
    });
  }
  return lanes;
}

/**
 * The lanes after a committed switch was taken back: the new volume may hold writes and stays, but nobody is sent back to it
 * unasked, because the old one goes on from here.
 */
export function lanesTakenBack(lanes: readonly Lane[], decision: VersionSwitch): readonly Lane[] {
  if (decision.data !== 'carry' && decision.data !== 'fresh') return lanes;
  const source = decision.target?.source;
  return lanes.map((lane) =>
    lane.service === decision.service && lane.source === source ? { ...lane, failed: true } : lane,
  );
}
