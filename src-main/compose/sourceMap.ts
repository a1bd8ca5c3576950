import type { Step } from './treePath.ts';
import type { Node, Place } from './yaml/nodes.ts';

/** The place of a path in the document, or of the nearest thing around it that stands in a file. */
export type PlaceFinder = (steps: readonly Step[]) => Place | undefined;

/** Finds places in a merged document. */
export function placeFinder(root: Node): PlaceFinder {
  return (steps) => {
    let node: Node = root;
    let place: Place | undefined;
    for (const step of steps) {
      const next = child(node, step);
      if (next === undefined) break;
      place = next.place;
      node = next.node;
    }
    return place;
  };
}

function child(node: Node, step: Step): { node: Node; place: Place } | undefined {
  if (node.kind === 'map') {
    const entry = node.entries.get(String(step));
    return entry && { node: entry.node, place: entry };
  }
  const item = node.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined;
  return item && { node: item, place: item };
}
