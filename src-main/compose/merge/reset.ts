import type { Step } from '../treePath.ts';
import { get, type MapNode, type Node, withEntry, withoutKey } from '../yaml/nodes.ts';

/** Removes from what came before the values that a later file marks with `!reset` or `!override`. */
export function applyResets(base: MapNode, resets: readonly (readonly Step[])[]): MapNode {
  return resets.reduce<MapNode>((map, path) => removeAt(map, path), base);
}

/** Items of lists cannot be reset, as in docker compose: a path through a list changes nothing. */
function removeAt(map: MapNode, path: readonly Step[]): MapNode {
  const [step, ...rest] = path;
  if (typeof step !== 'string') return map;
  if (rest.length === 0) return withoutKey(map, step);
  const child: Node | undefined = get(map, step);
  if (child?.kind !== 'map') return map;
  const changed = removeAt(child, rest);
  return changed === child ? map : withEntry(map, step, changed);
}
