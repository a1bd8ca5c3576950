import { perObject } from '#base/perObject.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { LogMarker } from '#streams/markers.ts';

/** Something that happened to a container, and where it belongs among the lines. */
export interface MarkerAt {
  readonly service: string;
  readonly number: number;
  readonly containerId: string;
  readonly atMs: number;
  readonly marker: LogMarker;
  /** The container has ended and does not run again: what it wrote comes before. */
  readonly isLast?: boolean;
}

type Seen = Pick<
  ObservedContainer,
  'id' | 'service' | 'number' | 'state' | 'image' | 'startedAt' | 'finishedAt' | 'exitCode' | 'lastExit'
>;

/** Compares the pictures of a project's containers and says what has happened between them. The first one says nothing. */
export class ContainerHistory {
  #known: Map<string, Seen> | undefined;
  /** By replica: its last container, also when that is gone. */
  readonly #last = new Map<string, Seen>();

  next(containers: readonly Seen[], nowMs: number): readonly MarkerAt[] {
    const before = this.#known;
    const markers =
      before === undefined ? [] : containers.flatMap((now) => this.#changes(before, now, nowMs));
    this.#known = new Map(containers.map((container) => [container.id, container]));
    for (const container of containers) {
      if (isAlive(container) || !this.#last.has(replica(container)))
        this.#last.set(replica(container), container);
    }
    return markers;
  }

  #changes(before: ReadonlyMap<string, Seen>, now: Seen, nowMs: number): MarkerAt[] {
    const then = before.get(now.id);
    if (then === now) return [];
    const at = { service: now.service, number: now.number, containerId: now.id };
    const markers: MarkerAt[] = [];
    const unseen = unseenEnd(now, then);
    if (unseen !== undefined)
      markers.push({ ...at, atMs: unseen.at, marker: { type: 'exited', exitCode: unseen.exitCode } });
    if (hasRun(now) && now.startedAt !== then?.startedAt) {
      const atMs = Math.min(now.startedAt ?? nowMs, nowMs);
      markers.push({ ...at, atMs, marker: this.#startOf(now, then) });
    }
    const wasAlive = then === undefined || isAlive(then) || now.startedAt !== then.startedAt;
    if (now.state === 'exited' && wasAlive) {
      const atMs = now.finishedAt ?? nowMs;
      markers.push({ ...at, atMs, marker: { type: 'exited', exitCode: now.exitCode }, isLast: true });
    }
    return markers;
  }

  #startOf(now: Seen, then: Seen | undefined): LogMarker {
    const last = this.#last.get(replica(now));
    if (last === undefined) return { type: 'started' };
    if (last.id === now.id)
      return then?.startedAt === undefined ? { type: 'started' } : { type: 'restarted' };
    return last.image === now.image
      ? { type: 'recreated' }
      : { type: 'switched', from: last.image, to: now.image };
  }
}

/** It ran, and runs again: an end that no picture shows, once it was heard of. That may be after it was seen to run again. */
function unseenEnd(now: Seen, then: Seen | undefined): Seen['lastExit'] {
  if (then === undefined || !isAlive(then) || !isAlive(now)) return undefined;
  return now.lastExit?.at === then.lastExit?.at ? undefined : now.lastExit;
}

function hasRun({ startedAt, state }: Seen): boolean {
  return startedAt !== undefined && state !== 'created';
}

function isAlive({ state }: Seen): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

const replica = perObject(({ service, number }: Seen) => `${service} ${number}`);
