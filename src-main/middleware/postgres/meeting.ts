import type { CarryContext } from '../profile.ts';
import { majorOf, psql } from './psql.ts';

/** Where the source's container sees the folder of the target's socket. */
export const TARGET_SOCKET = '/slipway-target';
/** The socket's folder of the official image and of those built on it. */
export const OWN_SOCKET = '/var/run/postgresql';

const FOLDER = 'slipway';
/** Older tools write their scripts in another way, and older catalogs know no generated columns. */
const OLDEST_SOURCE = 12;
/** Beyond this the disk is the limit. */
const MOST_LANES = 4;

/** A folder that both servers see, with a pipe for each table that moves at the same time. */
export interface Meeting {
  /** As the source sees it. */
  readonly source: string;
  /** As the target sees it. */
  readonly target: string;
  /** Pipes `lane-0`, `lane-1` …: as many as there are processors, within reason. */
  readonly lanes: number;
}

/**
 * Makes the folder; undefined where the servers share none (an image with its socket elsewhere). It is open to all, since the
 * servers may run as users of different numbers; nothing but the two of them ever sees it.
 */
export async function meet({ source, target, signal }: CarryContext): Promise<Meeting | undefined> {
  if (majorOf(source) < OLDEST_SOURCE) return undefined;
  const folder = `${OWN_SOCKET}/${FOLDER}`;
  const make = `mkdir -m 0777 ${folder} && for lane in 0 1 2 3; do mkfifo -m 0666 ${folder}/lane-$lane || exit; done`;
  const made = await target.exec(['sh', '-c', make], { signal });
  if (made.exitCode !== 0) return undefined;
  const answer = psql(target.environment, 'postgres', '-h', TARGET_SOCKET, '-c', 'SELECT 1');
  const look = `[ -p ${TARGET_SOCKET}/${FOLDER}/lane-0 ] && "$@" >&2 && { nproc || echo 1; }`;
  const seen = await source.exec(['sh', '-c', look, 'sh', ...answer], { signal });
  if (seen.exitCode !== 0) return undefined;
  const cores = Number(new TextDecoder().decode(seen.stdout)) || 1;
  return {
    source: `${TARGET_SOCKET}/${FOLDER}`,
    target: folder,
    lanes: Math.max(1, Math.min(MOST_LANES, cores)),
  };
}
