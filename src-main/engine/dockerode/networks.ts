import type { Engine } from '../engine.ts';
import type { NetworkSummary } from '../storage.ts';
import { escaped, filterQuery } from './containers.ts';
import { flag, instant, list, type Raw, record, text, textMap } from './raw.ts';
import { encoded, type Transport } from './transport.ts';

type NetworkCalls = Pick<
  Engine,
  'listNetworks' | 'createNetwork' | 'removeNetwork' | 'connectNetwork' | 'disconnectNetwork'
>;

export function networkCalls(transport: Transport): NetworkCalls {
  const about = (id: string) => ({ what: 'network', id }) as const;
  return {
    async listNetworks({ labels, names, signal }) {
      const filters = filterQuery({ label: labels, name: names?.map((name) => `^${escaped(name)}$`) });
      const answer = await transport.json({
        method: 'GET',
        path: '/networks',
        query: { filters },
        about: about(''),
        signal,
      });
      return list(answer).map((entry) => networkSummary(record(entry)));
    },
    async createNetwork(body, options) {
      const answer = await transport.json({
        method: 'POST',
        path: '/networks/create',
        // Two of one name make every later use of the name ambiguous.
        body: { CheckDuplicate: true, ...body },
        about: about(body.Name),
        signal: options?.signal,
      });
      return { id: text(record(answer)['Id']) };
    },
    removeNetwork: (id, options) =>
      transport.run({ method: 'DELETE', path: networkPath(id), about: about(id), signal: options?.signal }),
    connectNetwork: (network, container, endpoint, options) =>
      transport.run({
        method: 'POST',
        path: `${networkPath(network)}/connect`,
        body: { Container: container, EndpointConfig: endpoint },
        about: about(network),
        signal: options?.signal,
      }),
    disconnectNetwork: (network, container, options) =>
      transport.run({
        method: 'POST',
        path: `${networkPath(network)}/disconnect`,
        body: { Container: container, Force: options?.force ?? false },
        about: about(network),
        signal: options?.signal,
      }),
  };
}

function networkPath(id: string): string {
  return `/networks/${encoded(id)}`;
}

function networkSummary(raw: Raw): NetworkSummary {
  return {
    id: text(raw['Id']),
    name: text(raw['Name']),
    driver: text(raw['Driver']),
    labels: textMap(raw['Labels']),
    internal: flag(raw['Internal']),
    created: instant(raw['Created']) ?? 0,
    options: textMap(raw['Options']),
    containers: Object.keys(record(raw['Containers'])).sort(),
  };
}
