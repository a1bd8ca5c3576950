import { cleanPosix } from '../filePath.ts';
import { boolNode, get, type MapNode, mapOf, type Node, stringNode, textOf } from '../yaml/nodes.ts';

/** A `source:target:options` text taken apart. */
export interface VolumeSpec {
  readonly type: 'bind' | 'volume';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly nocopy: boolean;
  readonly propagation: string | undefined;
  readonly selinux: string | undefined;
}

const PROPAGATIONS = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']);

/** The text as a mount, or what is wrong with it. */
export function parseVolume(text: string): VolumeSpec | { readonly problem: string } {
  if (text === '') return { problem: 'a mount cannot be empty' };
  if (text.length <= 2) return finish('', text, '');
  const parts = splitSpec(text);
  if (parts.some((part) => part === '')) return { problem: 'there is nothing between two colons' };
  if (parts.length > 3) return { problem: 'there are too many colons' };
  const [first = '', second, third] = parts;
  return second === undefined ? finish('', first, '') : finish(first, second, third ?? '');
}

/** At colons, but not the one of a Windows drive (`C:\data`). */
function splitSpec(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    const part = text.slice(start, at);
    if (part.length <= 2 && /^\p{L}$/u.test(part)) continue;
    parts.push(part);
    start = at + 1;
  }
  parts.push(text.slice(start));
  return parts;
}

function finish(source: string, target: string, options: string): VolumeSpec {
  const list = options.split(',');
  let readOnly = false;
  for (const option of list) {
    if (option === 'ro') readOnly = true;
    if (option === 'rw') readOnly = false;
  }
  return {
    type: isHostPath(source) ? 'bind' : 'volume',
    source,
    target,
    readOnly,
    nocopy: list.includes('nocopy'),
    propagation: list.findLast((option) => PROPAGATIONS.has(option)),
    selinux: list.findLast((option) => option === 'z' || option === 'Z'),
  };
}

/** Whether the left side names a place on the host rather than a volume. */
export function isHostPath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source);
}

/** A mount in the short form as a map in the long one. */
export function volumeMap(spec: VolumeSpec, text: string, at: Node): MapNode {
  const bind: Record<string, Node> = {};
  if (spec.selinux !== undefined) bind['selinux'] = stringNode(spec.selinux, at);
  if (spec.propagation !== undefined) bind['propagation'] = stringNode(spec.propagation, at);
  // The short form has always made missing host folders.
  if (spec.type === 'bind') bind['create_host_path'] = boolNode(true, at);
  const hasVolume = spec.nocopy || (spec.type === 'volume' && text.length > 2);
  return mapOf(
    {
      type: stringNode(spec.type, at),
      ...(spec.source !== '' && { source: stringNode(spec.source, at) }),
      target: stringNode(spec.target === '' ? '' : cleanPosix(spec.target), at),
      ...(spec.readOnly && { read_only: boolNode(true, at) }),
      ...(Object.keys(bind).length > 0 && { bind: mapOf(bind, at) }),
      ...(hasVolume && { volume: mapOf(spec.nocopy ? { nocopy: boolNode(true, at) } : {}, at) }),
    },
    at,
  );
}

/** Where an entry of `volumes` is mounted, in either form. */
export function volumeTargetOf(item: Node): string | undefined {
  if (item.kind === 'map') return textOf(get(item, 'target'));
  const text = textOf(item);
  if (text === undefined) return undefined;
  const spec = parseVolume(text);
  return 'problem' in spec ? undefined : spec.target;
}
