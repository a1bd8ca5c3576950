import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Problems } from '../problems.ts';
import type { SourceFile } from '../source.ts';
import type { RawNode } from './raw.ts';

/** The documents of a YAML text, unresolved. Syntax errors are recorded, and what could be read is returned. */
export function parseYaml(source: SourceFile, problems: Problems): RawNode[] {
  const documents = parseAllDocuments(source.text, {
    schema: 'failsafe',
    uniqueKeys: false,
    keepSourceTokens: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const roots: RawNode[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    for (const error of document.errors)
      problems.invalid({
        message: `This is no valid YAML: ${error.message}`,
        place: { source, offset: error.pos[0] },
      });
    if (document.contents !== null) roots.push(convert(document.contents, source));
  }
  return roots;
}

function convert(node: unknown, source: SourceFile): RawNode {
  const offset = (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0;
  const place = { source, offset };
  if (isAlias(node)) return { kind: 'alias', name: node.source, ...place };
  if (isMap(node)) {
    const pairs = node.items.map((pair) => ({
      key: convert(pair.key, source),
      value: convert(pair.value, source),
    }));
    return { kind: 'map', pairs, ...place, ...marks(node) };
  }
  if (isSeq(node))
    return { kind: 'list', items: node.items.map((item) => convert(item, source)), ...place, ...marks(node) };
  if (isScalar(node))
    return {
      kind: 'scalar',
      text: node.value === null ? '' : String(node.value),
      plain: node.type === 'PLAIN',
      ...place,
      ...marks(node),
    };
  return { kind: 'scalar', text: '', plain: true, ...place };
}

function marks(node: { anchor?: string; tag?: string }): { anchor?: string; tag?: string } {
  const tag = node.tag?.startsWith('tag:yaml.org,2002:') ? undefined : node.tag;
  return { ...(node.anchor && { anchor: node.anchor }), ...(tag !== undefined && { tag }) };
}
