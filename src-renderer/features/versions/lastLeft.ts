import type { VersionMenu, VersionOffer } from '#contract/requests/versions.ts';

/** The version that was left last and whose data still waits: the way back. */
export function lastLeft(menu: VersionMenu | undefined): VersionOffer | undefined {
  const lanes = menu?.offers.filter((offer) => offer.lane && !offer.inUse) ?? [];
  const [last] = lanes.toSorted((a, b) => (b.lane?.usedAt ?? 0) - (a.lane?.usedAt ?? 0));
  return last;
}
