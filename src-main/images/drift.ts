import { parseImageReference } from '#base/imageReference.ts';
import type { DriftState } from '#contract/model.ts';
import { unreachable } from '#contract/unreachable.ts';
import { type ConfigDifference, type ConfiguredService, configDrift } from './configDrift.ts';
import type { ProductionContainer } from './manifest/manifest.ts';
import { sameRepository } from './manifest/matchServices.ts';

/** What runs or would run here as one service. */
export interface LocalSide extends ConfiguredService {
  readonly service: string;
  /** As the files say it; of a service that is built here, the name it is built under. */
  readonly image: string;
  readonly built: boolean;
  /** What this machine has of it: ids and digests that a registry may know it by. Empty where it was never pulled. */
  readonly digests: readonly string[];
  readonly created?: number | undefined;
  /** Numbers of its version, where the tag or a label tells. */
  readonly version?: ComparableVersion | undefined;
}

/** What production runs, with what its registry knows of it. */
export interface ProductionSide {
  readonly container: ProductionContainer;
  /** Index, platform manifest and configuration: whichever the other side may be known by. Empty where no registry answered. */
  readonly digests: readonly string[];
  readonly created?: number | undefined;
  readonly version?: ComparableVersion | undefined;
  /** Why the registry could not be asked, in words. */
  readonly unknown?: string | undefined;
}

export interface ComparableVersion {
  readonly text: string;
  readonly numbers: readonly number[];
  /** Versions with another line are not compatible: 15 and 17 of Postgres. */
  readonly line?: string | undefined;
  /** `Postgres`, where it is a product that we know. */
  readonly product?: string | undefined;
}

export interface ServiceDrift {
  readonly state: DriftState;
  /** The same in a sentence. */
  readonly words: string;
  readonly config: readonly ConfigDifference[];
}

/** How far one service here is from its counterpart there. Pure; digests are compared like with like or not at all. */
export function driftOf(local: LocalSide, production: ProductionSide): ServiceDrift {
  const state = imageState(local, production);
  return {
    state,
    words: wordsOf(state, local, production),
    config: configDrift(local, production.container),
  };
}

function imageState(local: LocalSide, production: ProductionSide): DriftState {
  const { container } = production;
  if (sharesDigest(local, production)) return 'same';
  const [here, there] = [local.version, production.version];
  if (here?.product !== undefined && here.product === there?.product && here.line !== there.line)
    return 'versionApart';
  const related = local.built || sameRepository(local.image, container.image);
  if (!related) return 'differentImage';
  const order = here && there ? compareNumbers(here.numbers, there.numbers) : 0;
  if (order !== 0) return order < 0 ? 'behind' : 'ahead';
  if (local.digests.length > 0 && production.digests.length > 0) return byAge(local, production);
  // Nothing to compare but the names: equal names that nobody could verify are not "same".
  return production.unknown !== undefined || local.digests.length === 0
    ? unverified(local, container)
    : 'unknown';
}

function sharesDigest(local: LocalSide, production: ProductionSide): boolean {
  const there = new Set([
    ...production.digests,
    ...(production.container.digest ? [production.container.digest] : []),
  ]);
  return local.digests.some((digest) => there.has(digest));
}

/** Two builds under one name: the younger one is ahead. Reproducible builds all carry one date, which tells nothing. */
function byAge(local: LocalSide, production: ProductionSide): DriftState {
  const [here, there] = [local.created, production.created];
  if (here === undefined || there === undefined || here === there) return 'differentBuild';
  return here < there ? 'behind' : 'ahead';
}

function unverified(local: LocalSide, container: ProductionContainer): DriftState {
  const [here, there] = [parseImageReference(local.image), parseImageReference(container.image)];
  const sameDigest = here?.digest !== undefined && here.digest === (there?.digest ?? container.digest);
  return sameDigest ? 'same' : 'unknown';
}

/** Below zero when `a` is older; only the numbers that both give count. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function wordsOf(state: DriftState, local: LocalSide, production: ProductionSide): string {
  const here = local.version?.text ?? shortImage(local.image);
  const there = production.version?.text ?? shortImage(production.container.image);
  switch (state) {
    case 'same':
      return `runs what production runs${there === '' ? '' : ` · ${there}`}`;
    case 'versionApart':
      return `${local.version?.product ?? ''} ${here} here, ${there} in production`.trim();
    case 'behind':
    case 'ahead':
      return `${state === 'behind' ? 'older than' : 'newer than'} production${apart(here, there, local)}`;
    case 'differentBuild':
      return `another build than production's ${there}`;
    case 'differentImage':
      return `production runs ${production.container.image}`;
    case 'unknown':
      return production.unknown ?? `production runs ${there}; ${local.image} is not on this machine yet`;
    case 'onlyHere':
    case 'onlyThere':
      return '';
    default:
      return unreachable(state);
  }
}

function apart(here: string, there: string, local: LocalSide): string {
  if (local.built) return ` · built here, ${there} there`;
  return here === there ? '' : ` · ${here} here, ${there} there`;
}

/** `acme/api:1.4`, `acme/api@9c1f20…`: no registry, no 64 digits. */
export function shortImage(image: string): string {
  const reference = parseImageReference(image);
  if (reference === undefined) return image;
  const name = reference.repository.replace(/^library\//, '');
  if (reference.tag !== undefined) return `${name}:${reference.tag}`;
  return reference.digest === undefined ? name : `${name}@${shortDigest(reference.digest)}`;
}

/** `9c1f20a4…` */
export function shortDigest(digest: string): string {
  return `${digest.replace(/^\w+:/, '').slice(0, 8)}…`;
}
