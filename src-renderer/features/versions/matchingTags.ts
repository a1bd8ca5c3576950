import type { VersionMenu, VersionOffer } from '#contract/requests/versions.ts';

/** A search goes through every tag there is; more rows than this are no help. */
const MOST_FOUND = 60;

/** The menu's lines, or every tag that holds what was typed: those that begin with it first. */
export function matchingTags(menu: VersionMenu, search: string): readonly VersionOffer[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return menu.offers;
  const known = new Map(menu.offers.map((offer) => [offer.tag, offer]));
  const found = menu.allTags.filter((tag) => tag.toLowerCase().includes(wanted));
  const first = found.filter((tag) => tag.toLowerCase().startsWith(wanted));
  const rest = found.filter((tag) => !tag.toLowerCase().startsWith(wanted));
  return [...first, ...rest].slice(0, MOST_FOUND).map((tag) => known.get(tag) ?? plain(tag, menu));
}

function plain(tag: string, menu: VersionMenu): VersionOffer {
  return { tag, inUse: tag === menu.current, onMachine: false, production: false };
}
