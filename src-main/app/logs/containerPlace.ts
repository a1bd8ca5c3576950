import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { Workspaces } from '../workspaces.ts';

export interface PlaceInput {
  readonly workspace: string;
  readonly service: string;
  readonly replica?: number | undefined;
  readonly path?: string | undefined;
}

/** The container that a request for files means, and who holds it. */
export function containerOf(
  workspaces: Workspaces,
  { workspace, service, replica, path = '/' }: PlaceInput,
): { readonly engine: Engine; readonly id: ContainerId } {
  if (!path.startsWith('/') || path.includes('\0')) {
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'path',
      message: `${path} is no absolute path in a container.`,
    });
  }
  const { id } = workspaces.get(workspace).replica(service, replica);
  return { engine: workspaces.get(workspace).engine(), id };
}
