/** With a name that was not chosen, or without one that was. */
export function toggled(chosen: readonly string[], name: string): readonly string[] {
  return chosen.includes(name) ? chosen.filter((own) => own !== name) : [...chosen, name];
}

/** As `toggled`, where none chosen means all of `names`. Of all, one more click chooses that one alone. */
export function toggledService(
  names: readonly string[],
  chosen: readonly string[],
  name: string,
): readonly string[] {
  if (chosen.length === 0) return [name];
  const next = toggled(chosen, name);
  return next.length === names.length ? [] : next;
}
