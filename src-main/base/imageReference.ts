/**
 * An image's name, taken apart. `docker.io` and `library/` are what the reference implementation adds to short names.
 * Source: distribution/reference grammar.
 */
export interface ImageReference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly registry: string;
  /** `library/postgres`, `acme/api`. */
  readonly repository: string;
  readonly tag?: string | undefined;
  /** `sha256:…`. */
  readonly digest?: string | undefined;
}

const DEFAULT_REGISTRY = 'docker.io';
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/** Undefined for what is not a valid name. */
export function parseImageReference(text: string): ImageReference | undefined {
  const [name, digest] = splitOnce(text, '@');
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  const slash = name.lastIndexOf('/');
  const colon = name.lastIndexOf(':');
  const tag = colon > slash ? name.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  const path = tag === undefined ? name : name.slice(0, colon);
  const { registry, rest } = splitRegistry(path);
  const repository = registry === DEFAULT_REGISTRY && !rest.includes('/') ? `library/${rest}` : rest;
  if (!REPOSITORY.test(repository) || !HOST.test(registry)) return undefined;
  return { registry, repository, tag, digest };
}

/** As a person writes it: `postgres:15`, `ghcr.io/acme/api@sha256:…`. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return familiarName(reference) + tag + digest;
}

/** The name without tag and digest, in its short form. */
export function familiarName(reference: Pick<ImageReference, 'registry' | 'repository'>): string {
  if (reference.registry !== DEFAULT_REGISTRY) return `${reference.registry}/${reference.repository}`;
  return reference.repository.replace(/^library\//, '');
}

function splitRegistry(path: string): { registry: string; rest: string } {
  const [first, rest] = splitOnce(path, '/');
  const isHost = rest !== undefined && (first.includes('.') || first.includes(':') || first === 'localhost');
  if (!isHost || rest === undefined) return { registry: DEFAULT_REGISTRY, rest: path };
  const registry = first === 'index.docker.io' || first === 'registry-1.docker.io' ? DEFAULT_REGISTRY : first;
  return { registry, rest };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
