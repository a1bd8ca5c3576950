import path from 'node:path';
import { copyIn, copyOut } from '#app/logs/copyFiles.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Action } from '../program.ts';
import { withSession } from '../session.ts';

interface CopyOptions {
  readonly index?: number;
}

/** `slipway cp SERVICE:PATH LOCAL` or `slipway cp LOCAL SERVICE:PATH`; of a stopped container too. */
export const cp: Action<CopyOptions> = (context, [from = '', to = ''], options) =>
  withSession(context, 'engine', async (session) => {
    const source = placeOf(from);
    const target = placeOf(to);
    const inContainer = source ?? target;
    if (inContainer === undefined || (source !== undefined && target !== undefined)) {
      throw new AppFailure({
        kind: 'input.invalid',
        field: 'path',
        message: 'One of the two must be SERVICE:PATH, and the other a path on this machine.',
      });
    }
    const workspace = session.core.workspaces.get(session.workspace);
    const id = workspace.replica(inContainer.service, options.index).id as ContainerId;
    const local = path.resolve(source === undefined ? from : to);
    const copy = { engine: workspace.engine(), id, inside: inContainer.path, local, signal: context.signal };
    await (source === undefined ? copyIn(copy) : copyOut(copy));
    session.output.document({ from, to });
    return 0;
  });

/** `api:/etc/hosts`. A path with a slash before the colon is one of this machine. */
function placeOf(text: string): { readonly service: string; readonly path: string } | undefined {
  const [, service = '', inside = ''] = /^([^/:.][^/:]*):(.+)$/.exec(text) ?? [];
  return service === '' ? undefined : { service, path: path.posix.resolve('/', inside) };
}
