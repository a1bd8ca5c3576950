import { formatFloat32, scalarText } from '../goFormat.ts';
import { parseTruth } from '../interpolate/casts.ts';
import { isNull, type Node, type ScalarNode } from '../yaml/nodes.ts';
import { type BindContext, complain, leaf, type Read, sortedLeaf, type Value } from './shape.ts';
import { formatDuration, parseBytes, parseDuration, splitCommand } from './units.ts';

function shown(node: Node): string {
  return node.kind === 'scalar' ? `"${scalarText(node)}"` : `a ${node.kind}`;
}

function readText(node: Node, context: BindContext): string | undefined {
  if (isNull(node)) return undefined;
  if (node.kind === 'scalar' && (node.type === 'string' || node.type === 'int')) return scalarText(node);
  return complain(context, node, { is: shown(node), expected: 'a text' });
}

function readBool(node: Node, context: BindContext): boolean | undefined {
  if (isNull(node)) return undefined;
  if (node.kind === 'scalar' && node.type === 'bool') return node.value as boolean;
  const truth = node.kind === 'scalar' && node.type === 'string' ? parseTruth(String(node.value)) : undefined;
  return truth?.value ?? complain(context, node, { is: shown(node), expected: 'true or false' });
}

function readNumber(node: Node, context: BindContext): number | undefined {
  if (isNull(node)) return undefined;
  const value = node.kind === 'scalar' ? numberOf(node) : Number.NaN;
  if (Number.isFinite(value)) return value;
  return complain(context, node, { is: shown(node), expected: 'a number' });
}

function numberOf({ type, value }: ScalarNode): number {
  if (type === 'int' || type === 'float') return Number(value);
  const isNumber = type === 'string' && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(String(value));
  return isNumber ? Number(value) : Number.NaN;
}

/** Whole numbers; a fraction is cut off, as docker compose does. */
function readInt(node: Node, context: BindContext): number | undefined {
  const value = readNumber(node, context);
  return value === undefined ? undefined : Math.trunc(value);
}

function readUnsigned(node: Node, context: BindContext): number | undefined {
  const value = readInt(node, context);
  if (value === undefined || value >= 0) return value;
  return complain(context, node, { is: String(value), expected: 'zero or more' });
}

function readFloat32(node: Node, context: BindContext): number | undefined {
  const value = readNumber(node, context);
  if (value === undefined || isShort(value)) return value;
  return Number(formatFloat32(value));
}

/** Up to six digits name the same number as a float32 and as a float64. */
function isShort(value: number): boolean {
  return value === 0 || (value >= 0.001 && value < 1e5 && String(value).length <= 6);
}

function readBytes(node: Node, context: BindContext): string | undefined {
  if (node.kind !== 'scalar' || node.type === 'float') return undefined;
  if (node.type === 'int') return String(node.value);
  const bytes = node.type === 'string' ? parseBytes(String(node.value)) : undefined;
  if (bytes !== undefined) return String(BigInt(bytes));
  return complain(context, node, { is: shown(node), expected: 'a size such as 512m' });
}

function readDuration(node: Node, context: BindContext): string | undefined {
  if (isNull(node)) return undefined;
  const nanoseconds = node.kind === 'scalar' ? parseDuration(scalarText(node)) : undefined;
  if (nanoseconds !== undefined) return formatDuration(nanoseconds);
  return complain(context, node, { is: shown(node), expected: 'a duration such as 1m30s' });
}

function readFileMode(node: Node, context: BindContext): string | undefined {
  if (isNull(node)) return undefined;
  if (node.kind === 'scalar' && node.type === 'int') return `0${Number(node.value).toString(8)}`;
  const text = node.kind === 'scalar' && node.type === 'string' ? String(node.value) : '';
  if (/^[-+]?[0-7]{1,12}$/.test(text)) return `0${Number.parseInt(text, 8).toString(8)}`;
  return complain(context, node, { is: shown(node), expected: 'an octal file mode such as 0440' });
}

function readCommand(node: Node, context: BindContext): string[] | undefined {
  if (node.kind === 'list') return readTexts(node, context);
  if (node.kind !== 'scalar' || node.type !== 'string') return undefined;
  const words = splitCommand(String(node.value));
  return words ?? complain(context, node, { is: shown(node), expected: 'a command with matching quotes' });
}

/** A list of texts, or one text alone. Numbers are texts here. */
function readTexts(node: Node, context: BindContext): string[] | undefined {
  if (isNull(node)) return undefined;
  if (node.kind === 'scalar') return [scalarText(node)];
  if (node.kind === 'map') return complain(context, node, { is: 'a map', expected: 'a list' });
  return node.items.map((item) => (item.kind === 'scalar' ? scalarText(item) : ''));
}

function readHealthTest(node: Node, context: BindContext): string[] | undefined {
  if (node.kind === 'scalar' && node.type === 'string') return ['CMD-SHELL', String(node.value)];
  return readTexts(node, context);
}

/** `all` is -1. */
function readDeviceCount(node: Node, context: BindContext): number | undefined {
  if (node.kind === 'scalar' && String(node.value).toLowerCase() === 'all') return -1;
  const count = node.kind === 'scalar' ? numberOf(node) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  return complain(context, node, { is: shown(node), expected: 'all, or a number' });
}

function readUlimit(node: Node, context: BindContext): Value | undefined {
  if (isNull(node)) return undefined;
  if (node.kind !== 'map') return readInt(node, context) || {};
  const part = (key: string) => {
    const value = node.entries.get(key)?.node;
    return (value && readInt(value, context)) || undefined;
  };
  const [soft, hard] = [part('soft'), part('hard')];
  return { ...(soft !== undefined && { soft }), ...(hard !== undefined && { hard }) };
}

/** Builds a map without a prototype: keys come from files. */
function record<T extends Value>(pairs: Iterable<readonly [string, T]>): Record<string, T> {
  const result: Record<string, T> = Object.create(null);
  for (const [key, value] of pairs) result[key] = value;
  return result;
}

/** `key: value` maps and `key=value` lists; `bare` is the value of a key that has none. */
function readPairs<T extends Value>(bare: T): Read {
  return (node, context) => {
    if (isNull(node)) return undefined;
    if (node.kind === 'map')
      return record<Value>(
        [...node.entries].map(([key, { node: value }]) => [key, pairValue(value, bare)] as const),
      );
    if (node.kind !== 'list')
      return complain(context, node, { is: shown(node), expected: 'a map or a list of key=value' });
    return record<Value>(node.items.map((item) => splitPair(item, bare)));
  };
}

function pairValue(node: Node, bare: Value): Value {
  if (node.kind !== 'scalar') return '';
  return node.type === 'null' ? bare : scalarText(node);
}

function splitPair(item: Node, bare: Value): readonly [string, Value] {
  const text = item.kind === 'scalar' ? scalarText(item) : '';
  const at = text.indexOf('=');
  return at < 0 ? [text, bare] : [text.slice(0, at), text.slice(at + 1)];
}

/** Like other pairs, but a name that ends in a space is a mistake that no program would find. */
const readEnvironment: Read = (node, context) => {
  if (node.kind === 'list')
    for (const item of node.items) {
      const [name] = splitPair(item, null);
      if (/\s$/.test(name))
        complain(context, item, { is: `"${name}"`, expected: 'a variable name without a space at its end' });
    }
  return readPairs(null)(node, context);
};

const readMultiOptions: Read = (node) => {
  if (node.kind !== 'map') return undefined;
  return record<Value>(
    [...node.entries].map(([key, { node: value }]) => {
      const items = value.kind === 'list' ? value.items : [value];
      return [key, items.map((item) => (item.kind === 'scalar' ? scalarText(item) : ''))] as const;
    }),
  );
};

/** Names and addresses, as sorted `name=address`. */
const readExtraHosts: Read = (node, context) => {
  const pairs =
    node.kind === 'map' ? hostsOfMap(node) : node.kind === 'list' ? hostsOfList(node, context) : [];
  const lines: string[] = [];
  for (const [host, address, place] of pairs) {
    if (host === '' || /[:=]/.test(host))
      complain(context, place, { is: `the host name "${host}"`, expected: 'a name without ":" and "="' });
    lines.push(`${host}=${/^\[.+\]$/.test(address) ? address.slice(1, -1) : address}`);
  }
  return lines.sort();
};

type Host = readonly [host: string, address: string, place: Node];

function hostsOfMap(node: Node & { kind: 'map' }): Host[] {
  return [...node.entries].flatMap(([host, { node: value }]) => {
    const items = value.kind === 'list' ? value.items : [value];
    return items.map((item): Host => [host, item.kind === 'scalar' ? scalarText(item) : '', item]);
  });
}

function hostsOfList(node: Node & { kind: 'list' }, context: BindContext): Host[] {
  return node.items.flatMap((item): Host[] => {
    const text = item.kind === 'scalar' ? scalarText(item) : '';
    const at = text.includes('=') ? text.indexOf('=') : text.indexOf(':');
    if (at < 0) {
      complain(context, item, { is: `"${text}"`, expected: 'host=address' });
      return [];
    }
    const addresses = text.slice(at + 1).split(',');
    return addresses.map((address): Host => [text.slice(0, at), address, item]);
  });
}

/** `default`, or `id=path`, by id. */
const readSsh: Read = (node) => {
  if (node.kind !== 'map') return undefined;
  return [...node.entries]
    .map(([id, { node: path }]) =>
      path.kind === 'scalar' && path.type !== 'null' && path.value !== '' ? `${id}=${scalarText(path)}` : id,
    )
    .sort();
};

/** Files that must exist and have the usual format are just their path. */
const readEnvFiles: Read = (node, context) => {
  if (node.kind !== 'list') return undefined;
  return node.items.flatMap((item) => (item.kind === 'map' ? readEnvFile(item, context) : []));
};

function readEnvFile(item: Node & { kind: 'map' }, context: BindContext): Value[] {
  const entry = (key: string) => item.entries.get(key)?.node;
  const [path, required, format] = [entry('path'), entry('required'), entry('format')];
  if (path === undefined) return [];
  const text = readText(path, context) ?? '';
  const isRequired = required === undefined || readBool(required, context) !== false;
  const said = (format && readText(format, context)) ?? '';
  if (isRequired && said === '') return [text];
  return [{ path: text, required: isRequired, ...(said !== '' && { format: said }) }];
}

export const text = leaf(readText);
export const bool = leaf(readBool);
export const int = leaf(readInt);
export const unsigned = leaf(readUnsigned);
export const float32 = leaf(readFloat32);
export const bytes = leaf(readBytes);
/** Where no bytes at all are the same as silence: everywhere but in rates. */
export const size = leaf((node, context) => {
  const value = readBytes(node, context);
  return value === '0' ? undefined : value;
});
export const duration = leaf(readDuration);
/** Where Go holds the number itself and not a pointer to it, no time at all is the same as silence. */
export const span = leaf((node, context) => {
  const value = readDuration(node, context);
  return value === '0s' ? undefined : value;
});
export const fileMode = leaf(readFileMode);
export const command = leaf(readCommand);
export const texts = leaf(readTexts);
/** Without those that say nothing. */
export const addresses = leaf((node, context) =>
  readTexts(node, context)?.filter((address) => address !== ''),
);
export const healthTest = leaf(readHealthTest);
export const deviceCount = leaf(readDeviceCount);
/** `soft` before `hard`: docker compose's order, not the alphabet's. */
export const ulimit = leaf(readUlimit);
export const pairs = sortedLeaf(readPairs(''));
export const environment = sortedLeaf(readEnvironment);
export const multiOptions = sortedLeaf(readMultiOptions);
export const extraHosts = leaf(readExtraHosts);
export const ssh = leaf(readSsh);
export const envFiles = leaf(readEnvFiles);
