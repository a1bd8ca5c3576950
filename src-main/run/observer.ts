import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { LABELS } from '#compose/labels.ts';
import { type AppError, AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { EngineEvent, EventStream } from '#engine/events.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { EndingWatch } from './endingWatch.ts';
import { byServiceAndNumber, observeContainer } from './observeProject.ts';

export type ObserverStatus =
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  /** What is known is from before `since`. */
  | { readonly type: 'stale'; readonly since: number; readonly error?: AppError | undefined };

/** What changed since the last change that was told. */
export interface ObserverChange {
  readonly status: ObserverStatus;
  /** Projects of which a container came, changed or went. All known ones after a connection was lost or made. */
  readonly projects: ReadonlySet<string>;
}

/** Changes within this time, milliseconds, are told together: under a frame, and a boot makes dozens at once. */
const COALESCE_MS = 15;
const FIRST_PAUSE_MS = 50;
/** The engine's return is to be noticed within two seconds. */
const LONGEST_PAUSE_MS = 1_000;
/** Inspections at once, after a list of hundreds. */
const INSPECTIONS = 16;
/**
 * The engine holds a container's lock while it starts it: to look in between waits for the start and takes a connection that a
 * boot needs. What is only on its way is looked at when the word of its start or end comes, or once nothing was heard of any
 * container for this long, milliseconds: the last of a large boot wait long for their turn.
 */
const ON_ITS_WAY_MS = 2_000;
/** Where the engine is never quiet. */
const ON_ITS_WAY_AT_MOST_MS = 20_000;

/**
 * Knows every compose container of one engine, from its events: subscribes, lists, applies what came meanwhile; after
 * every lost stream, a clean end included, it comes back and lists again. Only containers that an event names are asked
 * about again; nothing polls.
 */
export class Observer implements Disposable {
  readonly changes = new Emitter<ObserverChange>();
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  readonly #containers = new Map<ContainerId, ObservedContainer>();
  /** As `containers` gives them, until one of them changes: the same array for the same containers. */
  readonly #ofProject = new Map<string, readonly ObservedContainer[]>();
  readonly #touched = new Set<ContainerId>();
  /** Made or joined to a network a moment ago, and when: most likely about to be started. The longest known first. */
  readonly #onTheirWay = new Map<ContainerId, number>();
  #lookingLater = false;
  #lastHeard = 0;
  readonly #inFlight = new Set<ContainerId>();
  /** Removed while it was being looked at: the answer is out of date. */
  readonly #gone = new Set<ContainerId>();
  readonly #endings = new EndingWatch();
  /** By project and service. */
  readonly #oomKills = new Map<string, number>();
  #dirty = new Set<string>();
  #status: ObserverStatus = { type: 'connecting' };
  #told: ObserverStatus = this.#status;
  #telling = false;
  #refreshing = 0;
  #loop: Promise<void> | undefined;
  #waiters: (() => void)[] = [];

  constructor(options: { readonly engine: Engine; readonly clock: Clock }) {
    this.#engine = options.engine;
    this.#clock = options.clock;
  }

  get status(): ObserverStatus {
    return this.#status;
  }

  /** How many containers of compose projects the engine has, as known last. */
  get count(): number {
    return this.#containers.size;
  }

  /** The containers of a project by service and number, as known last. */
  containers(project: string): readonly ObservedContainer[] {
    const known = this.#ofProject.get(project);
    if (known !== undefined) return known;
    const found = [...this.#containers.values()].filter((container) => container.project === project);
    this.#ofProject.set(project, found.sort(byServiceAndNumber));
    return found;
  }

  container(id: ContainerId): ObservedContainer | undefined {
    return this.#containers.get(id);
  }

  /** How often something of a service was ended for want of memory since this listens, its former containers included. */
  oomKills(project: string, service: string): number {
    return this.#oomKills.get(oomKey(project, service)) ?? 0;
  }

  /** The projects that have a container, by name. */
  get projects(): readonly string[] {
    return [...new Set([...this.#containers.values()].map((container) => container.project))].sort();
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when it is live and everything that was heard so far has been looked at. */
  async settled(signal?: AbortSignal): Promise<void> {
    this.#hurry();
    while (this.#status.type !== 'live' || this.#refreshing > 0 || this.#touched.size > 0) {
      signal?.throwIfAborted();
      if (this.#ended.signal.aborted) return;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  async dispose(): Promise<void> {
    this.#ended.abort();
    this.#wakeWaiters();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#ended.signal.aborted) {
      const lived = await this.#live();
      if (this.#ended.signal.aborted) return;
      pause = lived ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      await this.#clock.sleep(pause, this.#ended.signal).catch(() => undefined);
    }
  }

  /** One subscription from its opening to its end. False when it never came to be. */
  async #live(): Promise<boolean> {
    let stream: EventStream | undefined;
    let opened = false;
    try {
      stream = await this.#engine.openEvents({ labels: [LABELS.project], signal: this.#ended.signal });
      const reading = this.#read(stream);
      // A failure of the reading is met below; until then it must not count as unhandled.
      reading.catch(() => undefined);
      await this.#relist();
      opened = true;
      this.#become({ type: 'live' });
      await reading;
      this.#lost(undefined);
    } catch (thrown) {
      if (!this.#ended.signal.aborted) this.#lost(thrown);
    } finally {
      stream?.close();
    }
    return opened;
  }

  async #read(stream: EventStream): Promise<void> {
    for await (const event of stream) this.#hear(event);
  }

  #hear(event: EngineEvent): void {
    const id = containerOf(event);
    if (id === undefined) return;
    this.#lastHeard = this.#clock.now();
    const announced = ANNOUNCES.has(event.action) && !this.#endsWait(event, id);
    this.#endings.hear(event);
    if (event.action === 'oom') this.#countOom(event);
    if (announced) return;
    if (event.action !== 'destroy') {
      if (isOnItsWay(event) || this.#isToldWhole(event, id)) this.#touchLater(id);
      else this.#touch(id);
      return;
    }
    if (this.#inFlight.has(id)) this.#gone.add(id);
    this.#forget(id);
  }

  /** A container that waits for its next start, long after it died, is stopped without a word but `stop`. */
  #endsWait({ action }: EngineEvent, id: ContainerId): boolean {
    if (action !== 'stop') return false;
    return this.#endings.endsWait(id) || this.#containers.get(id)?.state === 'restarting';
  }

  /**
   * Of one that is stopped, its end says all that matters now, and most often it is removed next. Until its network is taken
   * down the engine holds its lock: to ask would wait for that, and its answer come too late.
   */
  #isToldWhole(event: EngineEvent, id: ContainerId): boolean {
    if (!this.#endings.isAsked(id)) return false;
    if (event.type === 'network') return event.action === 'disconnect' && !this.#touched.has(id);
    const known = this.#containers.get(id);
    if (event.action !== 'die' || known === undefined || this.#touched.has(id) || this.#inFlight.has(id))
      return false;
    const exitCode = Number(event.attributes['exitCode'] ?? 0) || 0;
    this.#put({ ...known, state: 'exited', exitCode, finishedAt: event.at, ports: [] });
    return true;
  }

  /** The kernel ended a process of it, the first or any other: the container may well run on. */
  #countOom({ attributes }: EngineEvent): void {
    const key = oomKey(attributes[LABELS.project] ?? '', attributes[LABELS.service] ?? '');
    this.#oomKills.set(key, (this.#oomKills.get(key) ?? 0) + 1);
  }

  #touchLater(id: ContainerId): void {
    if (this.#onTheirWay.has(id) || this.#touched.has(id)) return;
    this.#onTheirWay.set(id, this.#clock.now());
    if (!this.#lookingLater) void this.#lookWhenQuiet();
  }

  /** Ends when nothing is on its way any more, or this is disposed of. */
  async #lookWhenQuiet(): Promise<void> {
    this.#lookingLater = true;
    while (this.#onTheirWay.size > 0) {
      const [oldest = 0] = this.#onTheirWay.values();
      const quietAt = this.#lastHeard + ON_ITS_WAY_MS;
      const rest = Math.min(quietAt, oldest + ON_ITS_WAY_AT_MOST_MS) - this.#clock.now();
      if (rest > 0) await this.#clock.sleep(rest, this.#ended.signal).catch(() => undefined);
      if (this.#ended.signal.aborted) return;
      const now = this.#clock.now();
      const quiet = this.#lastHeard + ON_ITS_WAY_MS <= now;
      for (const [id, since] of [...this.#onTheirWay])
        if (quiet || since + ON_ITS_WAY_AT_MOST_MS <= now) this.#touch(id);
    }
    this.#lookingLater = false;
  }

  /** Somebody waits for how things are: nothing is put off. */
  #hurry(): void {
    for (const id of [...this.#onTheirWay.keys()]) this.#touch(id);
  }

  #touch(id: ContainerId): void {
    this.#onTheirWay.delete(id);
    this.#touched.add(id);
    queueMicrotask(() => this.#refresh());
  }

  /** Looks at what was touched. A container that is touched again meanwhile is looked at once more, after. */
  #refresh(): void {
    for (const id of this.#touched) {
      if (this.#refreshing >= INSPECTIONS) return;
      if (this.#inFlight.has(id)) continue;
      this.#touched.delete(id);
      void this.#look(id);
    }
  }

  async #look(id: ContainerId): Promise<void> {
    this.#refreshing += 1;
    this.#inFlight.add(id);
    try {
      const found = await observeContainer(this.#engine, id, this.#ended.signal);
      if (found === undefined || this.#gone.delete(id)) this.#forget(id);
      else this.#put(found);
    } catch (thrown) {
      // The engine went away: the stream ends too, and everything is listed again.
      if (!(thrown instanceof AppFailure)) throw thrown;
    } finally {
      this.#refreshing -= 1;
      this.#inFlight.delete(id);
      this.#gone.delete(id);
      this.#refresh();
      this.#wakeWaiters();
    }
  }

  #put(found: ObservedContainer): void {
    const container = this.#endings.describe(found);
    this.#containers.set(container.id, container);
    const known = this.#ofProject.get(container.project);
    if (known !== undefined) this.#ofProject.set(container.project, withOne(known, container));
    this.#mark(container.project);
  }

  #forget(id: ContainerId): void {
    this.#touched.delete(id);
    this.#onTheirWay.delete(id);
    this.#endings.forget(id);
    const known = this.#containers.get(id);
    if (known === undefined) return;
    this.#containers.delete(id);
    const others = this.#ofProject.get(known.project)?.filter((container) => container.id !== id);
    if (others !== undefined) this.#ofProject.set(known.project, others);
    this.#mark(known.project);
  }

  /** Everything there is, asked for once after each subscription. */
  async #relist(): Promise<void> {
    const { signal } = this.#ended;
    const listed = await this.#engine.listContainers({ labels: [LABELS.project], all: true, signal });
    const present = new Set(listed.map(({ id }) => id));
    for (const id of [...this.#containers.keys()]) if (!present.has(id)) this.#forget(id);
    for (const id of present) this.#touched.add(id);
    this.#refresh();
    while (this.#refreshing > 0 || this.#touched.size > 0) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #lost(thrown: unknown): void {
    const since = this.#status.type === 'stale' ? this.#status.since : this.#clock.now();
    const error = thrown instanceof AppFailure ? thrown.error : undefined;
    if (thrown !== undefined && error === undefined) throw thrown;
    this.#become({ type: 'stale', since, error });
  }

  #become(status: ObserverStatus): void {
    if (status.type === this.#status.type) return;
    this.#status = status;
    for (const project of this.projects) this.#dirty.add(project);
    this.#tellSoon();
    this.#wakeWaiters();
  }

  #mark(project: string): void {
    this.#dirty.add(project);
    this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#telling) return;
    this.#telling = true;
    this.#clock.sleep(COALESCE_MS, this.#ended.signal).then(
      () => this.#tell(),
      () => undefined,
    );
  }

  #tell(): void {
    this.#telling = false;
    const projects = this.#dirty;
    this.#dirty = new Set();
    if (projects.size === 0 && this.#told === this.#status) return;
    this.#told = this.#status;
    this.changes.emit({ status: this.#status, projects });
  }

  #wakeWaiters(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

/** The same, with this one in its place: to sort hundreds anew for each that changes would cost more than to look at them. */
function withOne(
  sorted: readonly ObservedContainer[],
  container: ObservedContainer,
): readonly ObservedContainer[] {
  const others = sorted.filter(({ id }) => id !== container.id);
  const place = others.findIndex((other) => byServiceAndNumber(container, other) < 0);
  return others.toSpliced(place < 0 ? others.length : place, 0, container);
}

function oomKey(project: string, service: string): string {
  return `${project}/${service}`;
}

/** What comes right before a start, most often. */
function isOnItsWay({ type, action }: EngineEvent): boolean {
  return type === 'network' ? action === 'connect' : action === 'create';
}

/** The container that an event is about: its own events, and its joining or leaving a network. */
function containerOf(event: EngineEvent): ContainerId | undefined {
  if (event.type === 'network') return event.attributes['container'] as ContainerId | undefined;
  if (event.type !== 'container' || QUIET.has(event.action)) return undefined;
  return event.id as ContainerId;
}

/**
 * `kill` and `stop` come with the `die` that says what has become of the container: to look at each of the three would
 * hold up an engine that is busy stopping.
 */
const ANNOUNCES = new Set(['kill', 'stop']);

/** Events that change nothing that anybody sees: probes by exec make many of them. */
const QUIET = new Set([
  'attach',
  'commit',
  'copy',
  'archive-path',
  'extract-to-dir',
  'detach',
  'exec_create',
  'exec_start',
  'exec_die',
  'exec_detach',
  'export',
  'resize',
  'top',
]);
