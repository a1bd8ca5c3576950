import type { ServiceRecord } from '#contract/model.ts';

/** Letters of the widest name that lines of these services will carry. `chosen`: empty for all. */
export function expectedSourceWidth(services: readonly ServiceRecord[], chosen: readonly string[]): number {
  const named = services.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  const widths = named.map(({ name, wantedReplicas }) => name.length + (wantedReplicas > 1 ? 2 : 0));
  return Math.max(4, ...widths);
}
