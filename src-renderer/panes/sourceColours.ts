/** Terminal colours that tell sources apart: SGR parameters, so that a change of the theme changes them too. */
const COLOURS = [36, 35, 32, 33, 34, 95, 96] as const;

/** Gives every source a colour in the order they appear; replicas of a service share one. */
export function sourceColours(): (source: string) => number {
  const given = new Map<string, number>();
  return (source) => {
    const service = source.replace(/-\d+$/, '');
    const known = given.get(service);
    if (known !== undefined) return known;
    const colour = COLOURS[given.size % COLOURS.length] ?? 36;
    given.set(service, colour);
    return colour;
  };
}
