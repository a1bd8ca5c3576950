import type { BoundModel } from './bindModel.ts';
import type { FileReference, Service } from './project.ts';

/** Leaves out the networks, volumes, secrets, configs and models that no active service uses: nothing creates them. */
export function withoutUnusedResources(model: BoundModel): BoundModel {
  const used = {
    networks: new Set<string>(),
    volumes: new Set<string>(),
    secrets: new Set<string>(),
    configs: new Set<string>(),
    models: new Set<string>(),
  };
  for (const service of Object.values(model.services)) {
    addAll(used.networks, Object.keys(service.networks ?? {}));
    addAll(used.models, Object.keys(service.models ?? {}));
    addAll(used.volumes, namedVolumes(service));
    addAll(used.secrets, sources(service.secrets));
    addAll(used.secrets, sources(service.build?.secrets));
    addAll(used.configs, sources(service.configs));
  }
  return {
    ...model,
    networks: pick(model.networks, used.networks),
    volumes: pick(model.volumes, used.volumes),
    secrets: pick(model.secrets, used.secrets),
    configs: pick(model.configs, used.configs),
    models: pick(model.models, used.models),
  };
}

function addAll(set: Set<string>, names: readonly string[]): void {
  for (const name of names) set.add(name);
}

function namedVolumes({ volumes = [] }: Service): string[] {
  return volumes.flatMap(({ type, source }) => (type === 'volume' && source !== undefined ? [source] : []));
}

function sources(references: readonly FileReference[] = []): string[] {
  return references.flatMap(({ source }) => (source === undefined ? [] : [source]));
}

function pick<T>(record: Readonly<Record<string, T>>, keys: ReadonlySet<string>): Record<string, T> {
  const result: Record<string, T> = Object.create(null);
  for (const [key, value] of Object.entries(record)) if (keys.has(key)) result[key] = value;
  return result;
}
