import type { CoreParts } from '../coreParts.ts';
import { execMany } from '../execMany.ts';
import { missing, requests } from '../requestBase.ts';

export function terminalHandlers(parts: CoreParts) {
  return {
    open: requests.terminal.open.handler(() => {
      throw missing('terminals', 'not yet');
    }),
    list: requests.terminal.list.handler(() => []),
    close: requests.terminal.close.handler(() => undefined),
    execMany: requests.terminal.execMany.handler(({ input, signal }) =>
      execMany(parts.workspaces.get(input.workspace), input, signal),
    ),
  };
}
