import type { Engine } from '#engine/engine.ts';
import type { NetworkSummary } from '#engine/storage.ts';
import { emitNetwork } from './process.ts';
import type { FakeNetwork } from './state.ts';
import { conflict, failed, hasLabel, type World } from './world.ts';

type NetworkCalls = Pick<
  Engine,
  'listNetworks' | 'createNetwork' | 'removeNetwork' | 'connectNetwork' | 'disconnectNetwork'
>;

/** The networks every engine has. */
export const PREDEFINED = ['bridge', 'host', 'none'] as const;

export function networkCalls(world: World): NetworkCalls {
  return {
    async listNetworks({ labels, names }) {
      return [...world.networks.values()]
        .filter(({ body }) => !names?.length || names.includes(body.Name))
        .filter(({ body }) => (labels ?? []).every((label) => hasLabel(body.Labels ?? {}, label)))
        .map(summary);
    },
    async createNetwork(body) {
      const exists = [...world.networks.values()].some((network) => network.body.Name === body.Name);
      if (exists) throw conflict('network', body.Name, `Network with name ${body.Name} already exists.`);
      const id = world.newId();
      world.networks.set(id, { id, body, created: world.clock.now() });
      emitNetwork(world, 'create', id, body.Name);
      return { id };
    },
    async removeNetwork(idOrName) {
      const network = world.network(idOrName);
      if (connected(world, network).length > 0) {
        throw failed(403, `Network ${network.body.Name} has active endpoints.`, true);
      }
      world.networks.delete(network.id);
      emitNetwork(world, 'destroy', network.id, network.body.Name);
    },
    async connectNetwork(idOrName, id, endpoint) {
      const network = world.network(idOrName);
      const container = world.container(id);
      const name = network.body.Name;
      if (container.endpoints.has(name)) {
        throw failed(403, `Endpoint with name ${container.name} already exists in network ${name}.`);
      }
      const aliases = Array.isArray(endpoint['Aliases']) ? (endpoint['Aliases'] as string[]) : [];
      const ip = container.running === undefined ? '' : '172.19.0.2';
      container.endpoints.set(name, { network: name, aliases: [...aliases, container.id.slice(0, 12)], ip });
      emitNetwork(world, 'connect', network.id, name, container);
    },
    async disconnectNetwork(idOrName, id) {
      const network = world.network(idOrName);
      const container = world.container(id);
      if (!container.endpoints.delete(network.body.Name)) {
        throw failed(500, `Container ${id} is not connected to network ${network.body.Name}.`);
      }
      emitNetwork(world, 'disconnect', network.id, network.body.Name, container);
    },
  };
}

/** Only containers that run hold a network. */
function connected(world: World, network: FakeNetwork): string[] {
  return [...world.containers.values()]
    .filter((container) => container.running !== undefined && container.endpoints.has(network.body.Name))
    .map((container) => container.id);
}

/** A list carries no containers: the engine leaves them out there. */
function summary(network: FakeNetwork): NetworkSummary {
  const { body } = network;
  return {
    id: network.id,
    name: body.Name,
    driver: body.Driver ?? 'bridge',
    labels: body.Labels ?? {},
    internal: body.Internal ?? false,
    created: network.created,
    options: body.Options ?? {},
    containers: [],
  };
}
