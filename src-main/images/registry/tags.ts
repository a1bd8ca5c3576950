import { type ImageReference, parseImageReference } from '#base/imageReference.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { RegistryAuth } from '#engine/engine.ts';
import { type RegistryAccess, registryRequest } from './registryRequest.ts';

export interface ListTags {
  readonly image: string;
  /** The engine's mirrors of Docker Hub, asked first. */
  readonly mirrors: readonly string[];
  readonly authFor: (image: string) => Promise<RegistryAuth | undefined>;
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
}

/** Docker Hub has thousands of tags of the popular images; more than this is nothing to choose from. */
const MOST_TAGS = 20_000;
const PAGE = 1000;

/** All tags of an image's repository, unsorted. Rejects with `registry.unreachable`, `image.denied`, `image.notFound`. */
export async function listTags(request: ListTags): Promise<readonly string[]> {
  const reference = parseImageReference(request.image);
  if (!reference)
    throw new AppFailure({ kind: 'input.invalid', message: `${request.image} is not the name of an image.` });
  const places = await accessesFor(reference, request);
  let last: unknown;
  for (const access of places) {
    try {
      return await allPages(access, reference);
    } catch (thrown) {
      if (!isKind(thrown, 'registry.unreachable', 'image.notFound')) throw thrown;
      last = thrown;
    }
  }
  throw last;
}

/** Mirrors serve Docker Hub only; every other registry answers for itself. */
async function accessesFor(reference: ImageReference, request: ListTags): Promise<readonly RegistryAccess[]> {
  const base = { name: reference.registry, fetch: request.fetch, signal: request.signal };
  const auth = await request.authFor(request.image);
  if (reference.registry !== 'docker.io')
    return [
      {
        ...base,
        auth,
        baseUrl: `${isLoopback(reference.registry) ? 'http' : 'https'}://${reference.registry}`,
      },
    ];
  const mirrors = request.mirrors.map((mirror) => ({ ...base, baseUrl: mirror.replace(/\/+$/, '') }));
  return [...mirrors, { ...base, auth, baseUrl: 'https://registry-1.docker.io' }];
}

/** The engine, too, speaks plain HTTP to loopback registries and to no others. */
function isLoopback(registry: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(registry);
}

async function allPages(access: RegistryAccess, reference: ImageReference): Promise<readonly string[]> {
  const tags: string[] = [];
  let path: string | undefined = `${reference.repository}/tags/list?n=${PAGE}`;
  while (path !== undefined && tags.length < MOST_TAGS) {
    const answer = await registryRequest(access, { path, repository: reference.repository });
    if (answer.status === 404)
      throw new AppFailure({
        kind: 'image.notFound',
        image: reference.repository,
        message: `${access.name} has no ${reference.repository}.`,
      });
    const body = (await answer.json().catch(() => undefined)) as { tags?: unknown } | undefined;
    if (!answer.ok)
      throw new AppFailure({
        kind: 'registry.unreachable',
        registry: access.name,
        reason: 'protocol',
        message: `${access.name} answered ${answer.status}.`,
      });
    if (Array.isArray(body?.tags))
      tags.push(...body.tags.filter((tag): tag is string => typeof tag === 'string'));
    path = nextPage(answer.headers.get('link'));
  }
  return tags;
}

/** `</v2/library/postgres/tags/list?last=…&n=…>; rel="next"`, relative to the same registry. */
function nextPage(link: string | null): string | undefined {
  return /<[^>]*?\/v2\/([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
}
