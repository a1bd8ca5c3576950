import { type Document, isMap, parseDocument } from 'yaml';

/**
 * The override with what an earlier one said of some services put back: their own sections, and the volumes that it
 * declared. Everything else stays as it is now. Undefined when nothing is left to say.
 */
export function overrideBack(
  now: string | undefined,
  before: string | undefined,
  services: readonly string[],
): string | undefined {
  const next: Document = parseDocument(now ?? '{}');
  const old: Document = parseDocument(before ?? '{}');
  if (!isMap(next.contents)) return before;
  next.commentBefore ??= old.commentBefore;
  for (const service of services) putBack(next, old, ['services', service]);
  for (const volume of keysOf(old, 'volumes'))
    if (!next.hasIn(['volumes', volume])) putBack(next, old, ['volumes', volume]);
  for (const part of ['services', 'volumes'])
    if (next.has(part) && keysOf(next, part).length === 0) next.delete(part);
  return next.contents.items.length > 0 ? next.toString({ lineWidth: 0 }) : undefined;
}

function putBack(next: Document, old: Document, path: readonly string[]): void {
  const section: unknown = old.getIn(path, true);
  if (section !== undefined) next.setIn(path, section);
  else if (next.hasIn(path)) next.deleteIn(path);
}

function keysOf(document: Document, part: string): readonly string[] {
  const section: unknown = document.get(part, true);
  return isMap(section) ? section.items.map(({ key }) => String(key)) : [];
}
