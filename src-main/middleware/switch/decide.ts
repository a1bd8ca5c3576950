import { formatImageReference, parseImageReference } from '#base/imageReference.ts';
import type { Project, Service, VolumeMount } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerMount } from '#engine/containers.ts';
import { carryBetween, dataPath } from '../dataPath.ts';
import { type Lane, laneVolumeName } from '../lane.ts';
import type { DataProfile, Environment, MiddlewareProfile } from '../profile.ts';
import { recognise } from '../profiles.ts';
import { parseVersion, type Version } from '../version.ts';

export type DataChoice = 'carry' | 'resume' | 'fresh';

/** What a user asked for, and what is there. Everything a decision needs, as values. */
export interface SwitchInput {
  readonly project: Project;
  readonly service: string;
  /** A tag of the same image (`17`), or a whole reference (`postgis/postgis:17-3.5`, `…@sha256:…`). */
  readonly to: string;
  /** Undefined: the default for what is there. */
  readonly data?: DataChoice | undefined;
  /** Mounts of the container that runs or ran the service; empty where there is none. */
  readonly mounts: readonly ContainerMount[];
  readonly lanes: readonly Lane[];
  readonly volumes: ReadonlySet<string>;
  /** The container's own, where there is one. */
  readonly hostname?: string | undefined;
  /** The lane that the data itself tells, where it could be read. */
  readonly foundLane?: string | undefined;
}

/** A switch, decided: plain data, shown to the user and then run as it is. */
export interface VersionSwitch {
  readonly service: string;
  readonly product: string;
  /** Where the new image is of another product, such as Valkey for Redis. */
  readonly toProduct?: string | undefined;
  readonly fromImage: string;
  readonly toImage: string;
  /** Under which the data was written and will be, for products whose data belongs to a host name. */
  readonly fromHostname?: string | undefined;
  readonly toHostname?: string | undefined;
  readonly fromLane?: string | undefined;
  readonly toLane?: string | undefined;
  /** `none`: nothing is kept, or both versions share their data. */
  readonly data: DataChoice | 'none';
  readonly source?: DataPlace | undefined;
  readonly target?: DataPlace | undefined;
  /** How the mounts of the service are to be overridden; undefined where they stay. */
  readonly mounts?:
    | { readonly how: 'merge' | 'replace'; readonly mounts: readonly VolumeMount[] }
    | undefined;
  /** The key under which the override declares the target's volume. */
  readonly volumeKey?: string | undefined;
  readonly choices: readonly { readonly data: DataChoice; readonly lane?: Lane | undefined }[];
  readonly whyNoCarry?: string | undefined;
}

export interface DataPlace {
  readonly type: 'volume' | 'bind';
  readonly source: string;
  readonly target: string;
}

/** Throws `input.invalid` where the service cannot be switched as asked. */
export function decideSwitch(input: SwitchInput): VersionSwitch {
  const service = serviceOf(input);
  const fromImage = service.image ?? '';
  const toImage = targetImage(fromImage, input.to);
  const { profile } = profileOf(input, fromImage);
  const after = profileAfter(profile, toImage);
  const toProduct = after.product === profile.product ? undefined : after.product;
  const base = { service: input.service, product: profile.product, toProduct, fromImage, toImage };
  const data = after.data;
  if (!data) return { ...base, data: 'none', choices: [] };

  const from = versionOf(fromImage);
  const to = versionOf(toImage);
  if (!to)
    throw refuse(`${toImage} names no version: say which data format it has, or choose a tag with a number.`);
  const fromLane = input.foundLane ?? (from && profile.data?.lane(from));
  const toLane = data.lane(to);
  const environment = environmentOf(service);
  const source = currentData(
    input,
    service,
    placeOf(profile, { image: fromImage, environment, version: from ?? to }),
  );
  if (fromLane === toLane && toProduct === undefined)
    return {
      ...base,
      ...hostnames(input, service, { data, choice: 'none' }),
      fromLane,
      toLane,
      data: 'none',
      source,
      target: source,
      choices: [],
    };

  const known = input.lanes.filter(
    (lane) =>
      lane.service === input.service &&
      lane.lane === toLane &&
      lane.product === after.product &&
      input.volumes.has(lane.source),
  );
  const { carry, why } = carryBetween(profile.data, [fromImage, toImage]);
  const choices = choicesOf(source && carry ? 'carries' : 'stays', known);
  const choice = pick(input.data, choices, why);
  const target = targetPlace(input, {
    profile: after,
    environment,
    image: toImage,
    to,
    toLane,
    choice,
    known,
    source,
    toProduct,
  });
  return {
    ...base,
    ...hostnames(input, service, { data, choice, lane: [...known].sort(byUse)[0] }),
    fromLane,
    toLane,
    data: choice,
    source,
    target: target.place,
    volumeKey: target.key,
    mounts: mountsFor(service, { from: source?.target, place: target.place, key: target.key }),
    choices,
    whyNoCarry: why,
  };
}

/** A new container has a new random host name, unless one is given: data that belongs to a name is given one that stays. */
function hostnames(
  input: SwitchInput,
  service: Service,
  {
    data,
    choice,
    lane,
  }: { readonly data: DataProfile; readonly choice: VersionSwitch['data']; readonly lane?: Lane | undefined },
): Pick<VersionSwitch, 'fromHostname' | 'toHostname'> {
  if (!data.byHostname) return {};
  const fromHostname = input.hostname ?? service.hostname;
  const kept = choice === 'none' ? fromHostname : choice === 'resume' ? lane?.hostname : undefined;
  return { fromHostname, toHostname: kept ?? service.hostname ?? input.service };
}

function serviceOf(input: SwitchInput): Service {
  const service = input.project.services[input.service] ?? input.project.disabledServices[input.service];
  if (!service) throw unknownService(input.project, input.service);
  if (!service.image) throw refuse(`${input.service} is built here: it has no version to switch.`);
  if ((service.scale ?? service.deploy?.replicas ?? 1) > 1)
    throw refuse(`${input.service} has several replicas on one data directory.`);
  return service;
}

function profileOf(input: SwitchInput, image: string): { profile: MiddlewareProfile } {
  const extension = input.project.serviceExtensions[input.service]?.['x-slipway'];
  const declared =
    isRecord(extension) && typeof extension['middleware'] === 'string' ? extension['middleware'] : undefined;
  const found = recognise(image, declared);
  if (!found)
    throw refuse(
      `Slipway does not know the product of ${image}. Declare it with x-slipway: { middleware: postgres }.`,
    );
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The profile of the new image. Data cannot be read by, or carried into, a product that is no relative. */
function profileAfter(profile: MiddlewareProfile, toImage: string): MiddlewareProfile {
  const found = recognise(toImage)?.profile ?? profile;
  if (found.product === profile.product || profile.data?.relatives?.includes(found.product)) return found;
  throw refuse(
    `${toImage} is ${found.title}, not ${profile.title}: another product is a change of the compose file.`,
  );
}

/** `17` keeps the repository and the variant of what runs now; a whole reference is taken as it is. */
export function targetImage(fromImage: string, to: string): string {
  const from = parseImageReference(fromImage);
  const asTag = /^[\w][\w.-]{0,127}$/.test(to) && /^\d/.test(to);
  if (!asTag || !from) {
    const whole = parseImageReference(to);
    if (!whole) throw refuse(`${to} is neither a version nor the name of an image.`);
    return to;
  }
  return formatImageReference({ registry: from.registry, repository: from.repository, tag: to });
}

function versionOf(image: string): Version | undefined {
  const tag = parseImageReference(image)?.tag;
  return tag === undefined ? undefined : parseVersion(tag);
}

export function environmentOf(service: Service): Environment {
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [[name, value]],
    ),
  );
}

function placeOf(profile: MiddlewareProfile, of: Parameters<typeof dataPath>[1]): string {
  return profile.data ? dataPath(profile.data, of) : '/data';
}

/** What lies at the data path now: as the container has it, or as the file says. The longest mount above the path wins. */
function currentData(input: SwitchInput, service: Service, path: string): DataPlace | undefined {
  const observed = longest(
    input.mounts.filter((mount) => covers(mount.destination, path)),
    (mount) => mount.destination,
  );
  if (observed && (observed.type === 'volume' || observed.type === 'bind')) {
    return { type: observed.type, source: observed.name ?? observed.source, target: observed.destination };
  }
  const declared = longest(
    (service.volumes ?? []).filter((mount) => covers(mount.target ?? '', path)),
    (mount) => mount.target ?? '',
  );
  if (!declared?.source || (declared.type !== 'volume' && declared.type !== 'bind')) return undefined;
  const name =
    declared.type === 'volume'
      ? (input.project.volumes[declared.source]?.name ?? declared.source)
      : declared.source;
  const exists = declared.type === 'bind' || input.volumes.has(name);
  return exists ? { type: declared.type, source: name, target: declared.target ?? path } : undefined;
}

function covers(mount: string, path: string): boolean {
  return path === mount || path.startsWith(`${mount.replace(/\/$/, '')}/`);
}

function longest<T>(values: readonly T[], text: (value: T) => string): T | undefined {
  return [...values].sort((a, b) => text(b).length - text(a).length)[0];
}

function choicesOf(source: 'carries' | 'stays', known: readonly Lane[]): VersionSwitch['choices'] {
  const carry = source === 'carries' ? [{ data: 'carry' as const }] : [];
  const resume = [...known].sort(byUse).map((lane) => ({ data: 'resume' as const, lane }));
  return [
    ...resume.filter(({ lane }) => !lane.failed),
    ...carry,
    { data: 'fresh' },
    ...resume.filter(({ lane }) => lane.failed),
  ];
}

/** Used last, first; what was taken back comes after all others. */
function byUse(a: Lane, b: Lane): number {
  return Number(a.failed ?? false) - Number(b.failed ?? false) || b.usedAt - a.usedAt;
}

/** Returning to data that is there is what "back" means; carrying it over is what "switch" means; empty only on request. */
function pick(
  wanted: DataChoice | undefined,
  choices: VersionSwitch['choices'],
  whyNoCarry: string | undefined,
): DataChoice {
  if (wanted === undefined) return choices[0]?.data ?? 'fresh';
  if (choices.some(({ data }) => data === wanted)) return wanted;
  if (wanted === 'resume') throw refuse('There is no earlier data of that version to return to.');
  throw refuse(whyNoCarry ?? 'There is no data to carry yet.');
}

interface TargetInput {
  readonly profile: MiddlewareProfile;
  readonly environment: Environment;
  readonly image: string;
  readonly to: Version;
  readonly toLane: string;
  readonly toProduct: string | undefined;
  readonly choice: DataChoice;
  readonly known: readonly Lane[];
  readonly source: DataPlace | undefined;
}

function targetPlace(input: SwitchInput, target: TargetInput): { place: DataPlace; key: string | undefined } {
  const { profile, environment, image, to: version } = target;
  const path = placeOf(profile, { image, environment, version });
  const line = `${target.toProduct ?? ''}${target.toLane}`;
  const newest = [...target.known].sort(byUse)[0];
  if (target.choice === 'resume' && newest) {
    const place = { type: newest.type, source: newest.source, target: path } as const;
    return { place, key: newest.type === 'volume' ? laneKey(input.service, line) : undefined };
  }
  const base =
    target.source?.type === 'volume' && !isAnonymous(target.source.source)
      ? target.source.source
      : `${input.project.name}_${input.service}`;
  const name = laneVolumeName(base, line, input.volumes);
  return {
    place: { type: 'volume', source: name, target: path },
    key: laneKey(input.service, line),
  };
}

function isAnonymous(volume: string): boolean {
  return /^[0-9a-f]{64}$/.test(volume);
}

/** The override's key for a lane's volume; dots are not allowed in names that others make of it. */
export function laneKey(service: string, lane: string): string {
  return `${service}-${lane}`.replace(/[^\w-]/g, '-');
}

/** The new mount beside the others; where the path moved with the version, the whole list, so that the old one goes. */
function mountsFor(
  service: Service,
  {
    from,
    place,
    key,
  }: { readonly from: string | undefined; readonly place: DataPlace; readonly key: string | undefined },
): NonNullable<VersionSwitch['mounts']> {
  const mount: VolumeMount = { type: place.type, source: key ?? place.source, target: place.target };
  const others = (service.volumes ?? []).filter(
    (other) => other.target !== place.target && other.target !== from,
  );
  const declaredElsewhere = (service.volumes ?? []).some(
    (other) => other.target === from && from !== place.target,
  );
  return declaredElsewhere
    ? { how: 'replace', mounts: [...others, mount] }
    : { how: 'merge', mounts: [mount] };
}

function refuse(message: string): AppFailure {
  return new AppFailure({ kind: 'input.invalid', message });
}
