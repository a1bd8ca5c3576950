import { AppFailure } from '#contract/errors.ts';
import { exportText } from '#streams/exportText.ts';
import { linesAround } from '#streams/linesAround.ts';
import { findNext } from '#streams/logSearch.ts';
import type { LinePosition } from '#streams/logStore/lineId.ts';
import { parseLineId } from '#streams/logStore/lineId.ts';
import { storedLines } from '#streams/storedLines.ts';
import type { CoreParts } from '../coreParts.ts';
import { plainHit, searchPieces, storedQuery } from '../logs/searchPieces.ts';
import { failing, requests } from '../requestBase.ts';

export function logsHandlers({ workspaces, tickets, options }: CoreParts) {
  const reading = (workspace: string) => workspaces.get(workspace).logs.reading();
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
      const { store } = await reading(input.workspace);
      const { before, after, services = [] } = input;
      return {
        lines: await linesAround(store, { services, position: positionOf(input.line), before, after }),
      };
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

function positionOf(id: string): LinePosition {
  const position = parseLineId(id);
  if (position !== undefined) return position;
  throw new AppFailure({ kind: 'input.invalid', field: 'line', message: `"${id}" names no line.` });
}
