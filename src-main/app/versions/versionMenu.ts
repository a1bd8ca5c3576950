import { formatImageReference, type ImageReference, parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { VersionMenu, VersionOffer } from '#contract/requests/versions.ts';
import type { Engine } from '#engine/engine.ts';
import { type Lane, parseLanes } from '#middleware/lane.ts';
import type { MiddlewareProfile } from '#middleware/profile.ts';
import { recognise } from '#middleware/profiles.ts';
import {
  compareVersions,
  isPreRelease,
  parseVersion,
  type Version,
  variantFamily,
} from '#middleware/version.ts';

export interface MenuInput {
  readonly project: Project;
  readonly service: string;
  readonly image: string;
  readonly engine: () => Engine;
  readonly files: { readLanes(): Promise<string | undefined> };
  readonly listTags: (image: string) => Promise<readonly string[]>;
  readonly productionTag?: string | undefined;
}

/** What there is to choose for one service: from its registry, from this machine, and from its earlier data. */
export async function versionMenu(input: MenuInput): Promise<VersionMenu> {
  const reference = parseImageReference(input.image);
  const found = recognise(input.image, declared(input.project, input.service));
  if (!reference || !found)
    throw new AppFailure({
      kind: 'input.invalid',
      message: `Slipway does not know the product of ${input.image}.`,
      hint: 'Declare it in the compose file: x-slipway: { middleware: postgres }.',
    });
  const [remote, local, lanesText] = await Promise.all([
    tagsOf(input),
    localTags(input.engine(), reference),
    input.files.readLanes(),
  ]);
  const lanes = parseLanes(lanesText).filter(
    (lane) => lane.service === input.service && lane.product === found.profile.product,
  );
  const tags = new Set([
    ...remote.tags,
    ...local,
    ...laneTags(lanes, reference),
    ...(remote.offline && isAlone(local, reference.tag) ? found.profile.known : []),
    ...(reference.tag ? [reference.tag] : []),
    ...(input.productionTag ? [input.productionTag] : []),
  ]);
  const versions = [...tags].flatMap((tag) => parseVersion(tag) ?? []).sort(compareVersions);
  return {
    service: input.service,
    product: found.profile.product,
    title: found.profile.title,
    image: input.image,
    current: reference.tag,
    offers: offersOf({
      versions,
      local,
      lanes,
      profile: found.profile,
      reference,
      productionTag: input.productionTag,
    }),
    allTags: versions.map((version) => version.tag),
    offline: remote.offline,
    keepsData: found.profile.data !== undefined,
  };
}

function declared(project: Project, service: string): string | undefined {
  const extension = project.serviceExtensions[service]?.['x-slipway'];
  const value =
    typeof extension === 'object' && extension !== null
      ? (extension as Record<string, unknown>)['middleware']
      : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** A registry may give images and no list: then, and only then, there is nothing but what Slipway knows of. */
function isAlone(local: ReadonlySet<string>, inUse: string | undefined): boolean {
  return [...local].every((tag) => tag === inUse);
}

async function tagsOf(input: MenuInput): Promise<{ tags: readonly string[]; offline?: string }> {
  try {
    return { tags: await input.listTags(input.image) };
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
    // Not an empty list: the menu says why it shows only what is here.
    return { tags: [], offline: thrown.error.message };
  }
}

async function localTags(engine: Engine, reference: ImageReference): Promise<ReadonlySet<string>> {
  const images = await engine.listImages();
  const own = images.flatMap((image) => image.tags).flatMap((name) => parseImageReference(name) ?? []);
  return new Set(
    own
      .filter((other) => other.registry === reference.registry && other.repository === reference.repository)
      .flatMap((other) => other.tag ?? []),
  );
}

function laneTags(lanes: readonly Lane[], reference: ImageReference): string[] {
  return lanes.flatMap((lane) => {
    const own = parseImageReference(lane.image);
    return own?.repository === reference.repository && own.tag ? [own.tag] : [];
  });
}

interface OffersInput {
  readonly versions: readonly Version[];
  readonly local: ReadonlySet<string>;
  readonly lanes: readonly Lane[];
  readonly profile: MiddlewareProfile;
  readonly reference: ImageReference;
  readonly productionTag: string | undefined;
}

/** One line for each line of versions, spelt as short as the tag in use is, in its variant; the rest is for the search. */
function offersOf(input: OffersInput): readonly VersionOffer[] {
  const current = input.reference.tag === undefined ? undefined : parseVersion(input.reference.tag);
  const variant = variantFamily(current?.variant ?? '');
  const precision = current?.numbers.length ?? 1;
  const same = input.versions.filter(
    (version) => variantFamily(version.variant) === variant && !isPreRelease(version),
  );
  const chosen = new Map<string, Version>();
  for (const version of same) {
    if (version.numbers.length > precision && !isWanted(version, input)) continue;
    const line = input.profile.data?.lane(version) ?? version.numbers.slice(0, 2).join('.');
    const named = version.tag === input.reference.tag || version.tag === input.productionTag;
    const key = named ? `=${version.tag}=${line}` : line;
    const best = chosen.get(key);
    if (!best || isShorter(version, best, precision)) chosen.set(key, version);
  }
  const own = new Set([...chosen.keys()].flatMap((key) => /^=.*=(.*)$/.exec(key)?.[1] ?? []));
  const lines = [...chosen].filter(([key]) => !own.has(key)).map(([, version]) => version);
  return lines.sort(compareVersions).map((version) => offer(version, input));
}

/** Longer than what is in use, but worth a line: it is here already, or its data is. */
function isWanted(version: Version, input: OffersInput): boolean {
  if (version.tag === input.productionTag) return true;
  return input.local.has(version.tag) || input.lanes.some((lane) => lane.image.endsWith(`:${version.tag}`));
}

/** `15` before `15.4`, when `15` is how the file spells it. */
function isShorter(a: Version, b: Version, precision: number): boolean {
  const distance = (version: Version) =>
    Math.abs(version.numbers.length - precision) * 100 + version.variant.length;
  return distance(a) < distance(b);
}

function offer(version: Version, input: OffersInput): VersionOffer {
  const { profile, reference } = input;
  const line = profile.data?.lane(version);
  const lane = input.lanes.find((entry) => entry.lane === line);
  return {
    tag: version.tag,
    inUse: version.tag === reference.tag,
    onMachine: input.local.has(version.tag),
    lane: lane && {
      source: lane.source,
      usedAt: lane.usedAt,
      carriedFrom: lane.carriedFrom,
      bytes: lane.bytes,
    },
    endOfLife: endOfLife(profile, version),
    production: version.tag === input.productionTag,
  };
}

function endOfLife(profile: MiddlewareProfile, version: Version): string | undefined {
  const dates = profile.endOfLife ?? {};
  return dates[version.numbers.slice(0, 2).join('.')] ?? dates[String(version.numbers[0])];
}

/** `postgres:17` of `postgres:15`. */
export function withTag(reference: ImageReference, tag: string): string {
  return formatImageReference({ registry: reference.registry, repository: reference.repository, tag });
}
