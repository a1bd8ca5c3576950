import { AppFailure } from '#contract/errors.ts';
import { networkBody } from './containerBody/resourceBodies.ts';
import type { ReconcileInput } from './input.ts';
import type { ObservedNetwork } from './observed.ts';
import type { Selection } from './select.ts';
import { stopContainer } from './stopContainer.ts';
import type { Work } from './work.ts';

/** What becomes of one network of the file. */
export type NetworkDecision =
  | { readonly type: 'keep' }
  | { readonly type: 'create' }
  /** External, and not there: nothing that uses it can be created. */
  | { readonly type: 'missing' }
  | { readonly type: 'recreate'; readonly observed: ObservedNetwork };

/** The networks that the selected services use, by key. */
export function decideNetworks(input: ReconcileInput, selection: Selection): Map<string, NetworkDecision> {
  const keys = selection.ordered.flatMap((name) => {
    const service = input.project.services[name];
    return service === undefined || service.network_mode ? [] : Object.keys(service.networks ?? {});
  });
  const decide = (key: string): [string, NetworkDecision] => [key, decideNetwork(input, key)];
  return new Map([...new Set(keys)].sort().map(decide));
}

function decideNetwork(input: ReconcileInput, key: string): NetworkDecision {
  const network = input.project.networks[key];
  const found = input.observed.networks.filter((entry) => entry.name === network?.name);
  // Two networks of one name are possible; the project's own comes first, then the smaller id.
  const own = (entry: ObservedNetwork) => (entry.project === input.project.name ? 0 : 1);
  const observed = found.sort((a, b) => own(a) - own(b) || (a.id < b.id ? -1 : 1))[0];
  if (network?.external && observed === undefined && !BUILT_IN.has(network.name)) return { type: 'missing' };
  if (network === undefined || network.external) return { type: 'keep' };
  if (observed === undefined) return { type: 'create' };
  const ours = observed.project === input.project.name;
  const changed = observed.configHash !== undefined && observed.configHash !== input.hashes.networks[key];
  return ours && changed && input.options.recreate !== 'never'
    ? { type: 'recreate', observed }
    : { type: 'keep' };
}

/** The engine's own: always there, though it does not list them all. */
const BUILT_IN = new Set(['host', 'none', 'bridge']);

function missing(name: string): AppFailure {
  return new AppFailure({
    kind: 'notFound',
    what: `network ${name}`,
    message: `The external network ${name} does not exist.`,
    hint: `Create it: docker network create ${name}`,
  });
}

/**
 * Creates what is missing. A changed network is taken down first, with everything on it stopped. Throws when an external
 * one is missing.
 */
export function planNetworks(work: Work, networks: ReadonlyMap<string, NetworkDecision>): void {
  for (const [key, decision] of networks) {
    if (decision.type === 'keep') continue;
    const network = work.input.project.networks[key];
    if (network === undefined) continue;
    if (decision.type === 'missing') throw missing(network.name);
    const hash = work.input.hashes.networks[key] ?? '';
    const cause = decision.type === 'create' ? 'no existing network' : 'network definition changed';
    const after = decision.type === 'recreate' ? [removeChanged(work, decision.observed)] : [];
    const body = networkBody(work.input.project, key, { network, hash });
    work.networkSteps.set(network.name, work.builder.add({ kind: 'createNetwork', key, body, after, cause }));
  }
}

function removeChanged(work: Work, network: ObservedNetwork): number {
  const cause = 'network definition changed';
  const stops = work.input.observed.containers
    .filter((container) => container.networks[network.name] !== undefined)
    .map((container) => stopContainer(work, container, { cause, after: [] }));
  const { id, name } = network;
  return work.builder.add({ kind: 'removeNetwork', id, name, replaced: true, after: stops, cause });
}
