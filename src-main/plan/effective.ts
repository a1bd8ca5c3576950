import type { Service } from '#compose/project.ts';
import { containerBody } from './containerBody/containerBody.ts';
import type { ReconcileInput } from './input.ts';
import type { EffectiveConfig, ObservedContainer } from './observed.ts';

/** Where hashes cannot be compared: is the container, field for field, what would be created now? */
export function sameEffect(input: ReconcileInput, service: Service, container: ObservedContainer): boolean {
  const { effective } = container;
  if (effective === undefined) return false;
  const { body } = containerBody({
    project: input.project,
    service,
    serviceName: container.service,
    number: container.number,
    apiVersion: input.apiVersion,
    configHash: '',
    imageVolumes: [],
    links: [],
    inherit: [],
  });
  const { HostConfig, NetworkingConfig: _, Env, Labels, ExposedPorts, ...config } = body;
  return (
    sameFields(config, effective.config) &&
    sameFields(withoutReferences(HostConfig ?? {}), effective.hostConfig) &&
    sameEnvironment(Env ?? [], effective, imageEnvironment(input, container)) &&
    contains(effective.config['ExposedPorts'], ExposedPorts ?? {}) &&
    ownLabels(Labels ?? {}).every(([name, value]) => container.labels[name] === value)
  );
}

function imageEnvironment(input: ReconcileInput, container: ObservedContainer): readonly string[] {
  return Object.values(input.observed.images).find((image) => image?.id === container.imageId)?.env ?? [];
}

/** What the engine does not show as it was given; divergence.ts looks at shared containers by itself. */
function withoutReferences(host: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { VolumesFrom: _volumes, Links: _links, ...rest } = host;
  return rest;
}

/** Every field that is asked for is there; what is not asked for is the engine's or the image's to choose. */
function sameFields(
  wanted: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => contains(actual[name], value));
}

function contains(actual: unknown, wanted: unknown): boolean {
  if (isEmpty(wanted)) return isEmpty(actual) || typeof wanted === 'object';
  if (Array.isArray(wanted)) return Array.isArray(actual) && sameList(actual, wanted);
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof actual !== 'object' || actual === null) return false;
    const record = actual as Record<string, unknown>;
    return Object.entries(wanted).every(([key, value]) => contains(record[key], value));
  }
  return actual === wanted;
}

function sameList(actual: readonly unknown[], wanted: readonly unknown[]): boolean {
  if (actual.length !== wanted.length) return false;
  return wanted.every((value, index) => contains(actual[index], value));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The wanted variables are there, and whatever else is there comes from the image. */
function sameEnvironment(
  wanted: readonly string[],
  effective: EffectiveConfig,
  fromImage: readonly string[],
): boolean {
  const listed = effective.config['Env'];
  const actual = new Set(Array.isArray(listed) ? listed.map(String) : []);
  const known = new Set([...wanted, ...fromImage]);
  return wanted.every((entry) => actual.has(entry)) && [...actual].every((entry) => known.has(entry));
}

function ownLabels(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).filter(([name]) => !name.startsWith('com.docker.compose.'));
}
