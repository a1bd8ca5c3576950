/** A version as an image's tag spells it: `15`, `7.0.15-alpine3.18`, `RELEASE.2024-01-01`. */
export interface Version {
  /** The numbers, as far as the tag gives them: `[7, 0, 15]`. */
  readonly numbers: readonly number[];
  /** What follows: `alpine`, `management-alpine`; empty for the plain image. Distribution releases stay in it. */
  readonly variant: string;
  /** The tag itself. */
  readonly tag: string;
}

const TAG = /^v?(\d+(?:\.\d+)*)(?:[-_+](.+))?$/;
const PRE_RELEASE = /^(?:alpha|beta|rc|dev|nightly|snapshot|preview|m|pre)[-.]?\d*/i;

/** `2.14.2-pg15`, `pg16`: an extension's image, in whose tag Postgres' own version stands behind `pg`. */
const POSTGRES_WITH = /^(?:(.*)-)?pg(\d+(?:\.\d+)*)(?:-(.+))?$/;

/** Undefined for tags that name no version (`latest`, `bookworm`, a commit). */
export function parseVersion(tag: string): Version | undefined {
  const postgres = POSTGRES_WITH.exec(tag);
  if (postgres?.[2])
    return { numbers: postgres[2].split('.').map(Number), variant: wordsOf(postgres[3]), tag };
  const match = TAG.exec(tag);
  if (!match?.[1]) return undefined;
  const numbers = match[1].split('.').map(Number);
  // A date or a commit that happens to be digits is no version anybody switches to.
  if (numbers.some((number) => number > 100_000_000)) return undefined;
  return { numbers, variant: match[2] ?? '', tag };
}

/** What is left of a tag when the extension's own versions are left out (`ts2.14`, `3.4`). */
function wordsOf(rest: string | undefined): string {
  return (rest ?? '')
    .split('-')
    .filter((word) => word !== '' && !/^[a-z]{0,3}\d/.test(word))
    .join('-');
}

/** Is this a pre-release (`19beta1` comes as `19-beta1`, or `8.0-rc1`)? */
export function isPreRelease(version: Version): boolean {
  return PRE_RELEASE.test(version.variant);
}

/** Newest first when used with sort; missing numbers count as lower. */
export function compareVersions(a: Version, b: Version): number {
  const length = Math.max(a.numbers.length, b.numbers.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (b.numbers[index] ?? -1) - (a.numbers[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return a.variant < b.variant ? -1 : a.variant > b.variant ? 1 : 0;
}

/** Below zero when `a` is older, counting only the numbers that both give. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The flavour of an image apart from the distribution's release: `alpine3.18` and `alpine` are one. */
export function variantFamily(variant: string): string {
  return variant
    .replace(/\b(alpine)[\d.]+/g, '$1')
    .replace(/\b(?:bookworm|bullseye|buster|trixie|forky|stretch|jessie|jammy|noble|focal)\b/g, '')
    .replace(/^-+|-+$/g, '')
    .replace(/--+/g, '-');
}

/** `15`, `7.0`: what a pill shows. */
export function shortVersion(version: Version): string {
  return version.numbers.slice(0, 2).join('.');
}
