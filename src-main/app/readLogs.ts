import { AppFailure, isKind } from '#contract/errors.ts';
import { LOG_LEVELS, type LogLevel } from '#contract/logBatch.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { CONTINUES, levelOfLine } from '#streams/levels.ts';
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
}

export interface LeveledLine extends ContainerLine {
  readonly level: LogLevel;
}

/**
 * The lines of a project's containers as the engine has them: the past in the order of time, then, with `follow`, what comes,
 * of new containers too, until all have ended or `signal` aborts. For a reader that comes once; a window reads the log store.
 */
export async function* readLogs(
  workspace: Workspace,
  query: LogsQuery,
  signal: AbortSignal,
): AsyncGenerator<LeveledLine, void, void> {
  const wanted = lineTest(query);
  const containers = chosen(workspace, query);
  const last = new Map<string, string>();
  const past = containers.map((container) => read(workspace, container, { ...query, follow: false, signal }));
  for await (const line of mergeSorted(past, (a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))) {
    last.set(line.container.id, line.time);
    const leveled = wanted(line);
    if (leveled) yield leveled;
  }
  if (!query.follow) return;
  for await (const line of live(workspace, query, { last, signal })) {
    const leveled = wanted(line);
    if (leveled) yield leveled;
  }
}

const ALIVE: ReadonlySet<string> = new Set(['created', 'running', 'restarting', 'paused']);

/** Follows every container from its last line on, and takes new ones in as they come. */
async function* live(
  workspace: Workspace,
  query: LogsQuery,
  { last, signal }: { readonly last: ReadonlyMap<string, string>; readonly signal: AbortSignal },
): AsyncGenerator<ContainerLine, void, void> {
  const followed = new Set<string>();
  yield* mergeLive<ContainerLine>({
    signal,
    changes: workspace.observedChanges,
    mayCome: async () => {
      // One that was just created, in a recreate, is about to start, and the observer takes its time to look at it.
      // Whoever gives up while the engine is away ends the reading, no more.
      await workspace.settled(signal).catch(() => undefined);
      return !signal.aborted && chosen(workspace, query).some(({ state }) => ALIVE.has(state));
    },
    next: () =>
      chosen(workspace, query)
        .filter(({ id, state }) => !followed.has(id) && (state === 'running' || state === 'restarting'))
        .map((container) => {
          followed.add(container.id);
          const after = last.get(container.id);
          const sinceMs = after === undefined ? query.sinceMs : Date.parse(after);
          return behind(
            read(workspace, container, { follow: true, sinceMs, untilMs: query.untilMs, signal }),
            after,
            () => followed.delete(container.id),
          );
        }),
  });
}

/** The engine counts `since` inclusively and in milliseconds here: what was shown already is left out. */
async function* behind(
  lines: AsyncIterable<ContainerLine>,
  time: string | undefined,
  ended: () => void,
): AsyncGenerator<ContainerLine, void, void> {
  try {
    for await (const line of lines) if (time === undefined || line.time > time) yield line;
  } finally {
    ended();
  }
}

/** A container that went away meanwhile, or whose driver keeps nothing to read, has no lines. */
async function* read(
  workspace: Workspace,
  container: ObservedContainer,
  range: LineRange & { readonly signal: AbortSignal },
): AsyncGenerator<ContainerLine, void, void> {
  try {
    yield* containerLines(workspace.engine(), container, range);
  } catch (thrown) {
    if (range.signal.aborted || isKind(thrown, 'engine.notFound', 'engine.failed')) return;
    throw thrown;
  }
}

function chosen(workspace: Workspace, { services }: LogsQuery): readonly ObservedContainer[] {
  const project = workspace.source.shown;
  const known = { ...project?.services, ...project?.disabledServices };
  for (const service of services) {
    if (Object.hasOwn(known, service)) continue;
    throw new AppFailure({
      kind: 'notFound',
      what: `service ${service}`,
      message: `There is no service ${service}.`,
    });
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
