import { parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerDetails } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { dataPath } from '#middleware/dataPath.ts';
import { firstBytes } from '#middleware/firstBytes.ts';
import { type Lane, parseLanes } from '#middleware/lane.ts';
import type { DataMarker, DataProfile, MiddlewareProfile } from '#middleware/profile.ts';
import { environmentOf } from '#middleware/switch/decide.ts';
import { parseVersion, type Version, variantFamily } from '#middleware/version.ts';
import { middlewareOf } from '../middlewareOf.ts';

export interface Preflight {
  readonly engine: Engine;
  readonly project: Project;
  readonly service: string;
  readonly container: ContainerId;
  readonly lanes: () => Promise<string | undefined>;
  /** Look at a container that has run, too: it may have ended for that very reason. */
  readonly ran?: 'counts' | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What lies in a service's data directory, where it is not what its image writes. */
export interface Mismatch {
  readonly profile: MiddlewareProfile;
  /** The line of versions that wrote it. */
  readonly found: string;
  readonly wanted: Version;
  readonly volume: string;
  readonly lanes: readonly Lane[];
}

/**
 * Before a container is started: throws `data.incompatible` when its data was written by another line of versions than its
 * image. Read through the engine's archive call on the container as it was created; nothing is run, nothing is written.
 */
export async function requireOwnData(request: Preflight): Promise<void> {
  const mismatch = await findMismatch(request);
  if (!mismatch) return;
  const { service } = request;
  const { profile, found, wanted, lanes, volume } = mismatch;
  const line = profile.data?.lane(wanted);
  const lane = lanes.find((entry) => entry.service === service && entry.lane === line && !entry.failed);
  const oneWay = profile.data?.opens(wanted, found) === 'one-way';
  throw new AppFailure({
    kind: 'data.incompatible',
    service,
    found,
    wanted: wanted.tag,
    lane: lane?.source,
    message: `The data in ${volume} was written by ${profile.title} ${found}; ${service} is to run ${wanted.tag}, which ${
      oneWay ? 'would rewrite it so that there is no way back' : 'cannot read it'
    }. It has not been started; the data is untouched.`,
    hint: `Carry the data over, start empty beside it, or go back to ${found}.`,
  });
}

/** Undefined where the data fits, where there is none yet, or where nothing tells. */
export async function findMismatch(request: Preflight): Promise<Mismatch | undefined> {
  const { engine, project, service, container, signal } = request;
  const found = middlewareOf(project, service);
  const data = found?.profile.data;
  if (!found?.version || !data || data.markers.length === 0) return undefined;
  const details = await engine.inspectContainer(container, { signal });
  const definition = project.services[service];
  const image = definition?.image ?? '';
  const environment = definition ? environmentOf(definition) : {};
  const place = placeOf(details, dataPath(data, { image, environment, version: found.version }));
  // What a container has run on, it can run on again.
  if (!place || (details.startedAt !== undefined && request.ran !== 'counts')) return undefined;
  const there = await lineOf(request, data, place.destination);
  if (there === undefined || data.opens(found.version, there.line) === 'yes') return undefined;
  const lanes = parseLanes(await request.lanes());
  // What was found may lie in a mount further down: Postgres 18 expects its data above the place where it used to be.
  const holder = placeOf(details, there.path) ?? place;
  const volume = holder.name ?? holder.source;
  return { profile: found.profile, found: there.line, wanted: found.version, volume, lanes };
}

/** The mount that holds the path; or lies below it: the data of an earlier version, whose path was longer. */
function placeOf(details: ContainerDetails, path: string) {
  const kept = details.mounts.filter(({ type }) => type === 'volume' || type === 'bind');
  const inside = (outer: string, inner: string) => inner === outer || inner.startsWith(`${outer}/`);
  return (
    kept
      .filter(({ destination }) => inside(destination, path))
      .sort((a, b) => b.destination.length - a.destination.length)[0] ??
    kept.find(({ destination }) => inside(path, destination))
  );
}

async function lineOf(
  request: Preflight,
  data: DataProfile,
  folder: string,
): Promise<{ readonly line: string; readonly path: string } | undefined> {
  const lookFor = async (marker: DataMarker) => {
    const path = `${folder}/${marker.path}`;
    const content = await contentOf(request, path);
    const line = content && marker.lane(content);
    return line === undefined ? undefined : { line, path };
  };
  // The usual place first, alone: each look mounts the container.
  const [usual, ...others] = data.markers;
  const first = usual && (await lookFor(usual));
  return first ?? (await Promise.all(others.map(lookFor))).find((other) => other !== undefined);
}

async function contentOf(request: Preflight, path: string): Promise<Uint8Array | undefined> {
  try {
    return await firstBytes(request.engine, request.container, { path, signal: request.signal });
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return undefined;
    throw thrown;
  }
}

/** The image that the data wants: what ran on it last, where that is known, else the same image in that version. */
export function imageOfData(mismatch: Mismatch, image: string): string {
  const known = mismatch.lanes.find(({ source }) => source === mismatch.volume);
  if (known) return known.image;
  const reference = parseImageReference(image);
  const variant = variantFamily(parseVersion(reference?.tag ?? '')?.variant ?? '');
  const tag = variant === '' ? mismatch.found : `${mismatch.found}-${variant}`;
  // As the user spells it: only the tag changes.
  return `${image.replace(/@.*$/, '').replace(/:[^:/]+$/, '')}:${tag}`;
}
