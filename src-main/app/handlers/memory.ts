import { parseBytes } from '#compose/bind/units.ts';
import { AppFailure } from '#contract/errors.ts';
import { requests } from '../requestBase.ts';
import type { Workspaces } from '../workspaces.ts';

function limitOf(said: number | string): number | 'none' | 'file' {
  if (typeof said === 'number' || said === 'none' || said === 'file') return said;
  const bytes = parseBytes(said);
  if (bytes !== undefined) return bytes;
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'limit',
    message: `A limit is a size such as 512m or 2g, none, or file; not ${said}.`,
  });
}

export function memoryHandlers(workspaces: Workspaces) {
  return {
    fit: requests.memory.fit.handler(({ input }) =>
      workspaces.get(input.workspace).memory.fit(input.services ?? []),
    ),
    setLimit: requests.memory.setLimit.handler(({ input }) =>
      workspaces.get(input.workspace).memory.setLimit(input.service, limitOf(input.limit)),
    ),
  };
}
