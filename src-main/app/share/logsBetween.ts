import { isKind } from '#contract/errors.ts';
import { storedLines } from '#streams/storedLines.ts';
import { readLogs } from '../readLogs.ts';
import type { Workspace } from '../workspace.ts';
import type { LogLineText } from './packLogs.ts';

/** Lines of a span, from the store, which also knows containers that are gone; where it holds none, from the engine. */
export async function* logsBetween(
  workspace: Workspace,
  span: { readonly sinceMs: number; readonly untilMs: number; readonly signal: AbortSignal },
): AsyncGenerator<LogLineText, void, void> {
  let found = false;
  const { store } = await workspace.logs.reading();
  for await (const { at, source, text } of storedLines(store, { ...span, services: [] })) {
    if (span.signal.aborted) return;
    found = true;
    const time = new Date(at.secs * 1000 + Math.floor(at.nanos / 1_000_000)).toISOString();
    yield { time, source, text: text.toString('utf8') };
  }
  if (!found) yield* fromEngine(workspace, span);
}

async function* fromEngine(
  workspace: Workspace,
  {
    sinceMs,
    untilMs,
    signal,
  }: { readonly sinceMs: number; readonly untilMs: number; readonly signal: AbortSignal },
): AsyncGenerator<LogLineText, void, void> {
  try {
    for await (const line of readLogs(workspace, { services: [], follow: false, sinceMs, untilMs }, signal))
      yield { time: line.time, source: line.container.service, text: line.text.toString('utf8') };
  } catch (thrown) {
    // A pack without logs is better than none: the engine may have gone with the failure.
    if (!isKind(thrown, 'engine.unreachable', 'engine.failed')) throw thrown;
  }
}
