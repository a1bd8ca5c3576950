import { AppFailure } from '#contract/errors.ts';
import { exportText } from '#streams/exportText.ts';
import { linesAround } from '#streams/linesAround.ts';
import { loggedBoots } from '#streams/loggedBoots.ts';
import { findNext } from '#streams/logSearch.ts';
import { fromMs } from '#streams/logStore/instant.ts';
import type { LinePosition } from '#streams/logStore/lineId.ts';
import { parseLineId } from '#streams/logStore/lineId.ts';
import { oneLine } from '#streams/oneLine.ts';
import { storedLines } from '#streams/storedLines.ts';
import type { CoreParts } from '../coreParts.ts';
import { plainHit, searchPieces, storedQuery } from '../logs/searchPieces.ts';
import { failing, requests } from '../requestBase.ts';

export function logsHandlers({ workspaces, tickets, options }: CoreParts) {
  const reading = (workspace: string) => workspaces.get(workspace).logs.reading();
  const wholeOf = async (input: { workspace: string; source: string; line: string }, limitBytes: number) => {
    const { store } = await reading(input.workspace);
    const { source, line } = input;
    const found = await oneLine(store, { source, position: positionOf(line), limitBytes });
    if (found !== undefined) return found;
    throw new AppFailure({
      kind: 'notFound',
      what: 'log line',
      message: 'This line is not stored any more: the oldest lines go when the store is full.',
    });
  };
  return {
    facts: requests.logs.facts.handler(async ({ input }) => {
      const { store, knownKinds } = await reading(input.workspace);
      return { storedBytes: store.bytes, knownKinds, collectsHere: store.writable };
    }),
    search: requests.logs.search.handler(({ input, signal }) =>
      failing(searchPieces(() => reading(input.workspace), storedQuery(input), signal)),
    ),
    find: requests.logs.find.handler(async ({ input, signal }) => {
      const { store, isNew } = await reading(input.workspace);
      const from = { position: positionOf(input.from), direction: input.direction };
      const hit = await findNext(store, storedQuery(input), from, { isNew, signal });
      return hit === undefined ? {} : { hit: plainHit(hit) };
    }),
    around: requests.logs.around.handler(async ({ input }) => {
      const { store, isNew } = await reading(input.workspace);
      const { at, before, after, filter, services = [] } = input;
      const position = 'line' in at ? positionOf(at.line) : { ...fromMs(at.timeMs), block: 0, row: 0 };
      return { lines: await linesAround(store, { services, position, before, after, filter, isNew }) };
    }),
    boots: requests.logs.boots.handler(async ({ input }) => {
      const { store } = await reading(input.workspace);
      return { boots: await loggedBoots(store) };
    }),
    line: requests.logs.line.handler(async ({ input }) => {
      const { bytes, cut } = await wholeOf(input, SHOWN_BYTES);
      return { text: bytes.toString('utf8'), cut };
    }),
    saveLine: requests.logs.saveLine.handler(async ({ input }) => {
      await wholeOf(input, 1); // it is there: said now, not when the download fails
      const ticket = tickets.issue({ type: 'download', open: () => saved(wholeOf(input, SAVED_BYTES)) });
      return { ticket, fileName: `${input.source}-line.log` };
    }),
    export: requests.logs.export.handler(async ({ input }) => {
      const { store, isNew } = await reading(input.workspace);
      const { format } = input;
      const rows = storedLines(store, storedQuery(input), { isNew });
      const ticket = tickets.issue({ type: 'download', open: () => exportText(rows, format) });
      const stamp = new Date(options.clock.now()).toISOString().slice(0, 19).replaceAll(':', '-');
      const name = workspaces.get(input.workspace).source.name;
      return { ticket, fileName: `${name}-${stamp}.${format === 'text' ? 'log' : 'jsonl'}` };
    }),
  };
}

/** More than this of one line is for a file, not for a window. */
const SHOWN_BYTES = 1024 * 1024;
/** As long as an export makes a line. */
const SAVED_BYTES = 64 * 1024 * 1024;

async function* saved(line: Promise<{ readonly bytes: Buffer }>): AsyncGenerator<Uint8Array, void, void> {
  yield (await line).bytes;
}

function positionOf(id: string): LinePosition {
  const position = parseLineId(id);
  if (position !== undefined) return position;
  throw new AppFailure({ kind: 'input.invalid', field: 'line', message: `"${id}" names no line.` });
}
