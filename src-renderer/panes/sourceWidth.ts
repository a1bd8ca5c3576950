import type { ServiceRecord } from '#contract/model.ts';

/** Letters of the widest name that lines of these services will carry. `chosen`: empty for all. */
export function expectedSourceWidth(services: readonly ServiceRecord[], chosen: readonly string[]): number {
  const named = services.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  const widths = named.map(({ name, wantedReplicas }) => name.length + (wantedReplicas > 1 ? 2 : 0));
  return Math.max(4, ...widths);
}

/** Services that have, or are to have, more than one replica: there the first is said by its number too. */
export function numberedServices(services: readonly ServiceRecord[]): ReadonlySet<string> {
  const several = services.filter(
    ({ replicas, wantedReplicas }) => replicas.length > 1 || wantedReplicas > 1,
  );
  return new Set(several.map(({ name }) => name));
}

/** A line's source as it is shown: `worker-1` beside `worker-2`, `api` where there is one only. */
export function shownSource(source: string, numbered: ReadonlySet<string>): string {
  return numbered.has(source) ? `${source}-1` : source;
}
