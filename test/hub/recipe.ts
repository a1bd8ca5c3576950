/** A Debian release whose packages make an image. */
export type Suite = 'bullseye' | 'bookworm' | 'trixie' | 'forky';

/** Packages laid over the base that all images of a suite share. No command runs in them. */
export interface PackageRootfs {
  readonly type: 'packages';
  readonly suite: Suite;
  readonly packages: readonly string[];
  /** Paths to leave out, beside documentation: prefixes, without a leading slash. */
  readonly exclude?: readonly string[];
  /** Lines to change in files of the packages; `line` is a regular expression. */
  readonly edits?: readonly { readonly path: string; readonly line: string; readonly becomes: string }[];
  /** Adds the locale en_US.UTF-8. */
  readonly locale?: true;
}

/** A root file system made in one piece, where commands have to run in it. */
export interface WholeRootfs {
  readonly type: 'whole';
  readonly suite: Suite;
  readonly packages: readonly string[];
  /** Nothing but these paths is kept: prefixes, without a leading slash. */
  readonly only?: readonly string[];
  /** Shell commands with the unpacked root in `$1`. */
  readonly hooks?: readonly string[];
  /** Packages are configured and apt works in it. */
  readonly complete?: true;
}

/** The part of an image that comes out of Debian packages. */
export type Rootfs = PackageRootfs | WholeRootfs;

/** A file of ours that is laid over the packages. */
export type Overlay =
  | { readonly type: 'file'; readonly path: string; readonly text: string; readonly mode?: number }
  | { readonly type: 'link'; readonly path: string; readonly to: string }
  | {
      /** A package of the npm registry, unpacked into the folder `path`. */
      readonly type: 'npm';
      readonly path: string;
      readonly name: string;
      readonly version: string;
    }
  | { readonly type: 'folder'; readonly path: string; readonly owner?: number; readonly mode?: number };

export interface User {
  readonly name: string;
  /** User and group id, as in the official image. */
  readonly id: number;
  readonly home: string;
}

/** The container configuration, in the words of a Dockerfile. */
export interface ImageConfig {
  readonly env?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly expose?: readonly string[];
  readonly volumes?: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly stopSignal?: string;
}

/** One image of the hub: what is in it and under which names it is served. */
export interface Recipe {
  /** What `--only` calls it, and the tag that is always there: `postgres:15`. */
  readonly id: string;
  /** Repositories that serve it; the default is the name of `id` under `library/`. */
  readonly repositories?: readonly string[];
  readonly rootfs: Rootfs;
  /** The package whose version is the image's version, or the version itself. */
  readonly version: { readonly package: string } | { readonly exactly: string };
  /** The tags, given the full version. */
  readonly tags: (version: string) => readonly string[];
  readonly users?: readonly User[];
  readonly overlay?: readonly Overlay[];
  readonly config: ImageConfig;
}

export interface TagStyle {
  /** How many parts of the version make a tag: [1, 3] of 7.0.15 are `7` and `7.0.15`. */
  readonly parts: readonly number[];
  /** Endings under which public compose files ask for the same thing: '' alone, or `-alpine`. */
  readonly endings?: readonly string[];
  readonly latest?: true;
}

/** Tags of a version in the style of the official images: `15`, `15.18`, `15-alpine`, `latest` … */
export function versionTags(version: string, style: TagStyle): string[] {
  const numbers = style.parts.map((count) => version.split('.').slice(0, count).join('.'));
  const endings = style.endings ?? ['', '-alpine'];
  const tags = numbers.flatMap((number) => endings.map((ending) => number + ending));
  const unversioned = endings.filter((ending) => ending !== '').map((ending) => ending.slice(1));
  return [...new Set([...tags, ...(style.latest === true ? ['latest', ...unversioned] : [])])];
}
