import type { ImageReference } from '#base/imageReference.ts';
import { askRegistries, type RegistryWorld } from './access.ts';
import { type RegistryAccess, registryRequest } from './registryRequest.ts';

export interface ListTags extends RegistryWorld {
  readonly image: string;
}

/** Docker Hub has thousands of tags of the popular images; more than this is nothing to choose from. */
const MOST_TAGS = 20_000;
const PAGE = 1000;

/** All tags of an image's repository, unsorted. Rejects as `registryRequest` does. */
export function listTags(request: ListTags): Promise<readonly string[]> {
  return askRegistries(request.image, request, (access, reference) =>
    allPages(access, reference, request.image),
  );
}

async function allPages(
  access: RegistryAccess,
  { repository }: ImageReference,
  image: string,
): Promise<readonly string[]> {
  const tags: string[] = [];
  let path: string | undefined = `${repository}/tags/list?n=${PAGE}`;
  while (path !== undefined && tags.length < MOST_TAGS) {
    const answer = await registryRequest(access, { path, repository, image });
    const body = (await answer.json().catch(() => undefined)) as { tags?: unknown } | undefined;
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
