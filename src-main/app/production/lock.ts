import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { familiarName, parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import type { LockView } from '#contract/requests/production.ts';
import type { Engine } from '#engine/engine.ts';
import { localImage } from './localSide.ts';

/** Beside the compose file, meant to be committed: `docker compose -f compose.yaml -f slipway.lock.yaml up` reads it too. */
export const LOCK_FILE = 'slipway.lock.yaml';

const HEADER = `# Written by \`slipway lock\`: the very images that this stack ran. \`slipway up --locked\` boots exactly them.
`;

/** Pins every service's image to the digest that is on this machine. What was built here and never pushed has none. */
export async function writeLock(project: Project, engine: Engine, signal?: AbortSignal): Promise<LockView> {
  const services = await Promise.all(
    Object.keys(project.services)
      .sort()
      .map((service) => lockOne(project, service, engine, signal)),
  );
  const pinned = services.flatMap(({ service, locked }) =>
    locked ? [[service, { image: locked }] as const] : [],
  );
  const file = path.join(project.workingDir, LOCK_FILE);
  await writeFile(file, HEADER + stringify({ services: Object.fromEntries(pinned) }));
  return { file, services };
}

async function lockOne(
  project: Project,
  service: string,
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<LockView['services'][number]> {
  const image = localImage(project, service);
  const reference = parseImageReference(image);
  const details = await engine.inspectImage(image, { signal });
  if (reference === undefined || details === undefined)
    return { service, image, why: 'it is not on this machine: boot or pull first' };
  if (reference.digest !== undefined) return { service, image, locked: image };
  const digest = details.digests
    .flatMap((name) => parseImageReference(name) ?? [])
    .find(
      ({ registry, repository }) => registry === reference.registry && repository === reference.repository,
    )?.digest;
  if (digest === undefined) return { service, image, why: 'it was built here and is in no registry' };
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  return { service, image, locked: `${familiarName(reference)}${tag}@${digest}` };
}
