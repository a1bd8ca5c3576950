const ALL = 'ALL';

/**
 * The capabilities of a container as docker's own tools send them: `CAP_` before each, sorted, `ALL` alone, and what is
 * added is not dropped. Source: docker/cli, opts.EffectiveCapAddCapDrop.
 */
export function capabilities(
  add: readonly string[],
  drop: readonly string[],
): { readonly add: readonly string[]; readonly drop: readonly string[] } {
  const added = normalized(add);
  const dropped = normalized(drop).filter((name) => !added.includes(name));
  return { add: added, drop: dropped };
}

function normalized(names: readonly string[]): string[] {
  const found = names.map((name) => name.trim().toUpperCase()).filter((name) => name !== '');
  if (found.includes(ALL)) return [ALL];
  return [...new Set(found.map((name) => (name.startsWith('CAP_') ? name : `CAP_${name}`)))].sort();
}
