import { unknownService } from '#compose/unknownService.ts';
import { isKind } from '#contract/errors.ts';
import { LOG_LEVELS, type LogLevel } from '#contract/logBatch.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { timeOf } from '#streams/exportText.ts';
import { CONTINUES, levelOfLine } from '#streams/levels.ts';
import type { LogStore } from '#streams/logStore/logStore.ts';
import { kindName } from '#streams/logStore/rows.ts';
import { storedLines } from '#streams/storedLines.ts';
import { createTextMatcher } from '#streams/textMatcher.ts';
import { type ContainerLine, containerLines, type LineRange } from './containerLines.ts';
import { mergeLive, mergeSorted } from './mergeIterators.ts';
import type { Workspace } from './workspace.ts';

export interface LogsQuery extends LineRange {
  /** Empty: all. */
  readonly services: readonly string[];
  /** A regular expression. */
  readonly grep?: string | undefined;
  readonly levels?: readonly string[] | undefined;
  /** A container's log driver keeps nothing that could be read. */
  readonly onUnreadable?: ((container: ObservedContainer) => void) | undefined;
}

export interface LeveledLine extends ContainerLine {
  readonly level: LogLevel;
}

/**
 * The lines of a project: the past in the order of time, then, with `follow`, what comes, of new containers too, until all have
 * ended or `signal` aborts. Containers that are there are read from the engine, which has every line of theirs up to now;
 * those that are gone, and what the engine has rotated away, from the log store. `tail` counts lines that are wanted.
 */
export async function* readLogs(
  workspace: Workspace,
  query: LogsQuery,
  signal: AbortSignal,
): AsyncGenerator<LeveledLine, void, void> {
  const wanted = lineTest(query);
  const { store } = await workspace.logs.reading();
  const containers = chosen(workspace, query, store);
  const last = new Map<string, string>();
  for await (const line of lastOfEach(
    past(workspace, { query, store, containers, signal }),
    query.tail,
    wanted,
  )) {
    last.set(line.container.id, line.time);
    if (line.level !== undefined) yield line as LeveledLine;
  }
  if (!query.follow) return;
  for await (const line of live(workspace, query, { last, signal })) {
    const leveled = wanted(line);
    if (leveled) yield leveled;
  }
}

interface Past {
  readonly query: LogsQuery;
  readonly store: LogStore;
  readonly containers: readonly ObservedContainer[];
  readonly signal: AbortSignal;
}

/** Stored lines of what is gone and the engine's of what is there, merged by time. */
async function* past(
  workspace: Workspace,
  { query, store, containers, signal }: Past,
): AsyncGenerator<ContainerLine, void, void> {
  const tail = isFiltered(query) ? undefined : query.tail;
  const range = { ...query, tail, follow: false, signal };
  const heads = await Promise.all(containers.map((container) => withHead(read(workspace, container, range))));
  const firstOf = new Map(containers.map(({ id }, index) => [id as string, heads[index]?.first?.time]));
  const gone = goneLines(store, query, { containers, firstOf });
  const sources = [gone, ...heads.map(({ lines }) => lines)];
  yield* mergeSorted(sources, (a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** With the first line known before the others are read. */
async function withHead(lines: AsyncGenerator<ContainerLine, void, void>) {
  const head = await lines.next();
  async function* all() {
    if (head.done) return;
    yield head.value;
    yield* lines;
  }
  return { first: head.done ? undefined : head.value, lines: all() };
}

/** Stored lines that the engine does not have: of containers that are gone, or from before its first line. */
async function* goneLines(
  store: LogStore,
  query: LogsQuery,
  present: {
    readonly containers: readonly ObservedContainer[];
    readonly firstOf: ReadonlyMap<string, string | undefined>;
  },
): AsyncGenerator<ContainerLine, void, void> {
  const { services, sinceMs, untilMs } = query;
  const inLane = new Map(present.containers.map((own) => [`${own.service} ${own.number}`, own.id as string]));
  for await (const row of storedLines(store, { services, sinceMs, untilMs })) {
    const kind = kindName(row.meta);
    if (kind === 'marker') continue;
    const time = timeOf(row);
    // A row whose container the store does not remember counts as of the one that is there now.
    const id = row.containerId ?? inLane.get(`${row.service} ${row.number}`) ?? '';
    const first = present.firstOf.get(id);
    if (present.firstOf.has(id) && first !== undefined && time >= first) continue;
    const container = {
      id: id as ObservedContainer['id'],
      service: row.service,
      number: row.number,
      name: row.source,
    };
    yield { container, time, stream: kind === 'stderr' ? 'stderr' : 'stdout', text: Buffer.from(row.text) };
  }
}

/** A line, with its level where it is wanted. */
type JudgedLine = ContainerLine & { readonly level: LogLevel | undefined };

/** The last `tail` wanted lines of each replica, in order; all of them without `tail`. Others come too, unwanted. */
async function* lastOfEach(
  lines: AsyncIterable<ContainerLine>,
  tail: number | undefined,
  wanted: (line: ContainerLine) => LeveledLine | undefined,
): AsyncGenerator<JudgedLine, void, void> {
  const kept: JudgedLine[] = [];
  const counts = new Map<string, number>();
  for await (const line of lines) {
    const judged = { ...line, level: wanted(line)?.level };
    if (tail === undefined) yield judged;
    else {
      // Unwanted ones are kept as marks of how far a container was read: only its last one counts.
      kept.push(judged);
      const key = replicaKey(judged);
      if (judged.level !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
      if (kept.length > 2 * tail * Math.max(1, counts.size) + SLACK_LINES) trim(kept, counts, tail);
    }
  }
  if (tail === undefined) return;
  trim(kept, counts, tail);
  yield* kept;
}

/** Lines kept beyond those that are wanted, so that they are not sorted out one by one. */
const SLACK_LINES = 10_000;

function trim(kept: JudgedLine[], counts: Map<string, number>, tail: number): void {
  const over = new Map([...counts].map(([key, count]) => [key, Math.max(0, count - tail)]));
  const lastUnwanted = new Map<string, JudgedLine>();
  for (const line of kept) if (line.level === undefined) lastUnwanted.set(line.container.id, line);
  const rest = kept.filter((line) => {
    if (line.level === undefined) return lastUnwanted.get(line.container.id) === line;
    const left = over.get(replicaKey(line)) ?? 0;
    if (left === 0) return true;
    over.set(replicaKey(line), left - 1);
    return false;
  });
  kept.splice(0, kept.length, ...rest);
  for (const [key, count] of counts) counts.set(key, Math.min(count, tail));
}

function replicaKey({ container }: ContainerLine): string {
  return `${container.service} ${container.number}`;
}

function isFiltered({ grep, levels }: LogsQuery): boolean {
  return grep !== undefined || (levels !== undefined && levels.length > 0);
}

/** One that is restarted, or removed and made anew, is away for a moment only: so long it is waited for, in milliseconds. */
const AWAY_MS = 3000;
/** How long the news of a container's end may take after the end of its output. */
const NEWS_MS = 1000;
const ALIVE: ReadonlySet<string> = new Set(['created', 'running', 'restarting', 'paused']);

/** Follows every container from its last line on, and takes new ones in as they come. */
async function* live(
  workspace: Workspace,
  query: LogsQuery,
  { last, signal }: { readonly last: Map<string, string>; readonly signal: AbortSignal },
): AsyncGenerator<ContainerLine, void, void> {
  const followed = new Set<string>();
  yield* mergeLive<ContainerLine>({
    signal,
    changes: workspace.observedChanges,
    mayCome: () => comesBack(workspace, query, signal),
    next: () =>
      chosen(workspace, query)
        .filter(({ id, state }) => !followed.has(id) && (state === 'running' || state === 'restarting'))
        .map((container) => follow(workspace, query, { container, last, ids: followed, signal })),
  });
}

/**
 * Does one of the containers run, or is one about to? One that was just created, in a recreate, is, and the observer takes its
 * time to look at it. Whoever gives up while the engine is away ends the reading, no more.
 */
async function comesBack(workspace: Workspace, query: LogsQuery, signal: AbortSignal): Promise<boolean> {
  const away = AbortSignal.any([signal, AbortSignal.timeout(AWAY_MS)]);
  for (;;) {
    const change = nextChange(workspace, away);
    await workspace.settled(signal).catch(() => undefined);
    if (signal.aborted) return false;
    if (chosen(workspace, query).some(({ state }) => ALIVE.has(state))) return true;
    if (away.aborted) return false;
    await change;
  }
}

function nextChange(workspace: Workspace, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      heard.dispose();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const heard = workspace.observedChanges.on(done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

interface Followed {
  readonly container: ObservedContainer;
  /** By container: the time of the last line that was shown, also before a restart. */
  readonly last: Map<string, string>;
  readonly ids: Set<string>;
  readonly signal: AbortSignal;
}

/** A container's lines as they come; ends once it is known why no more do, so that nobody asks again and again meanwhile. */
async function* follow(
  workspace: Workspace,
  query: LogsQuery,
  { container, last, ids, signal }: Followed,
): AsyncGenerator<ContainerLine, void, void> {
  const { id } = container;
  const shown = last.get(id);
  const sinceMs = shown === undefined ? query.sinceMs : Date.parse(shown);
  ids.add(id);
  try {
    for await (const line of read(workspace, container, { ...query, tail: undefined, sinceMs, signal })) {
      // The engine counts `since` inclusively and in milliseconds here.
      if (shown !== undefined && line.time <= shown) continue;
      last.set(id, line.time);
      yield line;
    }
    const isNewsToCome = workspace.containers.some((own) => own.id === id && own.state === container.state);
    if (isNewsToCome) await nextChange(workspace, AbortSignal.any([signal, AbortSignal.timeout(NEWS_MS)]));
  } finally {
    ids.delete(id);
  }
}

/** A container that went away meanwhile, or whose driver keeps nothing to read, has no lines. */
async function* read(
  workspace: Workspace,
  container: ObservedContainer,
  range: LineRange & Pick<LogsQuery, 'onUnreadable'> & { readonly signal: AbortSignal },
): AsyncGenerator<ContainerLine, void, void> {
  try {
    yield* containerLines(workspace.engine(), container, range);
  } catch (thrown) {
    if (isUnreadable(thrown)) range.onUnreadable?.(container);
    // Conflict: it is being removed.
    if (range.signal.aborted || isKind(thrown, 'engine.notFound', 'engine.conflict', 'engine.failed')) return;
    throw thrown;
  }
}

/** What the engine answers for a log driver that cannot be read. */
const NOT_IMPLEMENTED = 501;

function isUnreadable(thrown: unknown): boolean {
  return isKind(thrown, 'engine.failed') && thrown.error.status === NOT_IMPLEMENTED;
}

function chosen(
  workspace: Workspace,
  { services }: LogsQuery,
  store?: LogStore,
): readonly ObservedContainer[] {
  const project = workspace.source.shown;
  const known = { ...project?.services, ...project?.disabledServices };
  for (const service of services) {
    if (Object.hasOwn(known, service)) continue;
    // A service that is not in the files any more may have left lines.
    if (store === undefined || store.lanes.some(({ key }) => key.service === service)) continue;
    if (project) throw unknownService(project, service);
  }
  return workspace.containers.filter(
    ({ service, oneOff }) => !oneOff && (services.length === 0 || services.includes(service)),
  );
}

/** A line that continues another (a stack trace) has its level. */
function lineTest({ grep, levels }: LogsQuery): (line: ContainerLine) => LeveledLine | undefined {
  const matcher = grep ? createTextMatcher({ text: grep, regex: true, caseSensitive: true }) : undefined;
  const heads = new Map<string, number>();
  return (line) => {
    const key = `${line.container.id} ${line.stream}`;
    const own = levelOfLine(line.text, 0, line.text.length);
    const number = own === CONTINUES ? (heads.get(key) ?? 0) : own;
    heads.set(key, number);
    const level = LOG_LEVELS[number] ?? 'none';
    if (levels && levels.length > 0 && !levels.includes(level)) return undefined;
    return matcher === undefined || matcher.test(line.text) ? { ...line, level } : undefined;
  };
}
