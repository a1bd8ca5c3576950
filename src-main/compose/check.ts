import { isIpAddress } from './canonical/ports.ts';
import type { Problems } from './problems.ts';
import { descend, renderPath, type Step, type Trie, trieOf } from './treePath.ts';
import { get, isNull, type Node, textOf } from './yaml/nodes.ts';

type Check = (node: Node, context: { readonly problems: Problems; readonly steps: readonly Step[] }) => void;

/** Rules beyond the schema that concern one place each; what concerns several stands in consistency.ts. */
const CHECKS: Trie<Check> = trieOf<Check>({
  'volumes.*': externalAlone,
  'configs.*': oneSource(['file', 'environment', 'content']),
  'secrets.*': oneSource(['file', 'environment']),
  'services.*.ports.*': portForm,
  'services.*.expose.*': wholePort,
  'services.*.storage_opt.*': oneValue,
  'services.*.volumes.*.tmpfs.mode': modeNumber,
  'services.*.develop.watch.*.path': notBlank,
  'services.*.deploy.resources.reservations.devices.*': countOrIds,
  'services.*.gpus.*': countOrIds,
  'services.*.volumes.*': mountHasTarget,
  'services.*.devices.*': mountHasTarget,
});

/** Checks a canonical model. */
export function checkModel(root: Node, problems: Problems): void {
  const steps: Step[] = [];
  const walk = (node: Node, checks: Trie<Check> | undefined): void => {
    if (checks === undefined) return;
    checks.value?.(node, { problems, steps });
    const visit = (child: Node, step: Step) => {
      steps.push(step);
      walk(child, descend(checks, step));
      steps.pop();
    };
    if (checks.next.size === 0) return;
    if (node.kind === 'map' && checks.next.has('*'))
      node.entries.forEach((entry, key) => {
        visit(entry.node, key);
      });
    else if (node.kind === 'map')
      checks.next.forEach((_below, key) => {
        const child = get(node, key);
        if (child !== undefined) visit(child, key);
      });
    if (node.kind === 'list' && checks.next.has('*'))
      for (const [index, item] of node.items.entries()) visit(item, index);
  };
  walk(root, CHECKS);
}

function externalAlone(node: Node, { problems, steps }: Parameters<Check>[1]): void {
  const external = get(node, 'external');
  if (node.kind !== 'map' || external?.kind !== 'scalar' || external.value !== true) return;
  for (const [key, entry] of node.entries) {
    if (key === 'name' || key === 'external' || key.startsWith('x-')) continue;
    const path = renderPath([...steps, key]);
    problems.invalid({
      message: `${path} cannot be said of an external volume: it exists already.`,
      path,
      place: entry,
      expected: 'only name beside external: true',
    });
  }
}

function oneSource(keys: readonly string[]): Check {
  return (node, { problems, steps }) => {
    if (node.kind !== 'map') return;
    const given = keys.filter((key) => node.entries.has(key));
    const elsewhere = node.entries.has('driver') || node.entries.has('external');
    if (given.length === 1 || (given.length === 0 && elsewhere)) return;
    const path = renderPath(steps);
    problems.invalid({
      message: `${path} has ${given.length === 0 ? 'no content' : given.join(' and ')}.`,
      path,
      place: node,
      expected: `one of ${keys.join(', ')}`,
    });
  };
}

function portForm(node: Node, context: Parameters<Check>[1]): void {
  hostAddress(node, context);
  if (node.kind !== 'map' || node.entries.has('target')) return;
  const path = renderPath(context.steps);
  context.problems.invalid({
    message: `${path} names no port of the container.`,
    path,
    place: node,
    expected: 'a target',
  });
}

function wholePort(node: Node, { problems, steps }: Parameters<Check>[1]): void {
  if (node.kind !== 'scalar' || node.type !== 'float') return;
  const path = renderPath(steps);
  problems.invalid({ message: `${path} is a fraction.`, path, place: node, expected: 'a port, in quotes' });
}

function oneValue(node: Node, { problems, steps }: Parameters<Check>[1]): void {
  if (node.kind === 'scalar') return;
  const path = renderPath(steps);
  problems.invalid({ message: `${path} is a ${node.kind}.`, path, place: node, expected: 'a single value' });
}

/** The schema allows a text, docker compose does not read one. */
function modeNumber(node: Node, { problems, steps }: Parameters<Check>[1]): void {
  if (textOf(node) === undefined) return;
  const path = renderPath(steps);
  problems.invalid({ message: `${path} is a text.`, path, place: node, expected: 'a number such as 0o1777' });
}

function hostAddress(node: Node, { problems, steps }: Parameters<Check>[1]): void {
  const address = get(node, 'host_ip');
  const text = textOf(address);
  if (address === undefined || text === undefined || isIpAddress(text)) return;
  const path = renderPath([...steps, 'host_ip']);
  problems.invalid({
    message: `${path} is "${text}", but must be an IP address.`,
    path,
    place: address,
    expected: 'an IP address',
  });
}

function notBlank(node: Node, { problems, steps }: Parameters<Check>[1]): void {
  if (textOf(node) !== '') return;
  const path = renderPath(steps);
  problems.invalid({ message: `${path} is empty.`, path, place: node, expected: 'a path' });
}

function countOrIds(node: Node, { problems, steps }: Parameters<Check>[1]): void {
  const [count, ids] = [get(node, 'count'), get(node, 'device_ids')];
  if (count === undefined || ids === undefined) return;
  const path = renderPath(steps);
  problems.invalid({
    message: `${path} has both count and device_ids.`,
    path,
    place: ids,
    expected: 'one of count, device_ids',
  });
}

function mountHasTarget(node: Node, { problems, steps }: Parameters<Check>[1]): void {
  if (node.kind !== 'map') return;
  const target = get(node, 'target');
  const path = renderPath(steps);
  if (target === undefined || isNull(target))
    problems.invalid({ message: `${path} lacks a target.`, path, place: node, expected: 'a target' });
  if (textOf(get(node, 'type')) === 'bind' && get(node, 'source') === undefined)
    problems.invalid({
      message: `${path} is a bind mount without a source.`,
      path,
      place: node,
      expected: 'a source',
    });
}
