import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';
import type { OpenedPack } from '#contract/requests/share.ts';
import type { CoreParts } from '../coreParts.ts';
import { moveTakenPorts } from '../fixes/movePort.ts';
import { ProjectSource } from '../projectSource.ts';
import { requests } from '../requestBase.ts';
import { openPack } from '../share/openPack.ts';

export function shareHandlers(parts: CoreParts) {
  const of = (workspace: string) => parts.workspaces.get(workspace).share;
  return {
    packPlan: requests.share.packPlan.handler(({ input, signal }) =>
      of(input.workspace).packPlan(input, signal),
    ),
    pack: requests.share.pack.handler(({ input, signal }) => of(input.workspace).pack(input, signal)),
    openPack: requests.share.openPack.handler(({ input, signal }) => opened(parts, input, signal)),
    registry: requests.share.registry.handler(({ input, signal }) =>
      of(input.workspace).registry(input.port, signal),
    ),
    startRegistry: requests.share.startRegistry.handler(({ input, signal }) =>
      of(input.workspace).startRegistry(input, signal),
    ),
    stopRegistry: requests.share.stopRegistry.handler(({ input, signal }) =>
      of(input.workspace).stopRegistry(input.port, signal),
    ),
    pushBuilds: requests.share.pushBuilds.handler(({ input }) => of(input.workspace).pushBuilds(input)),
  };
}

interface OpenAsk {
  readonly file: string;
  readonly folder?: string | undefined;
  readonly valuesFrom?: string | undefined;
}

/** Unpacks, opens the project, and takes the checkpoints in; booting is the reader's next step. */
async function opened(parts: CoreParts, ask: OpenAsk, signal?: AbortSignal): Promise<OpenedPack> {
  const { workspaces, options } = parts;
  const folder = path.resolve(ask.folder ?? ask.file.replace(/(?:\.slipway-pack)?$/, '.opened'));
  const own = ask.valuesFrom === undefined ? undefined : await projectIn(ask.valuesFrom, options.environment);
  await parts.link.settled(signal);
  const { manifest, checkpoints, lacking, taken } = await openPack({
    file: ask.file,
    folder,
    engine: parts.link.require(),
    valuesFrom: own,
    signal,
  });
  const workspace = await workspaces.open({ folder });
  // A pack is opened beside the stack that it came from, which most likely has its ports.
  const movedPorts = lacking.length > 0 ? [] : await moveTakenPorts(workspace.source.require());
  if (movedPorts.length > 0) await workspace.source.load();
  const imported: { readonly id: string; readonly name: string }[] = [];
  for (const { file, name } of checkpoints)
    imported.push({ ...(await workspace.data.importFrom(file)), name });
  if (options.purpose !== 'command') {
    await parts.settings.remember({ folder, name: workspace.source.name, openedAt: options.clock.now() });
    await parts.publishSettings();
  }
  return {
    workspace: workspace.id,
    folder,
    project: manifest.project,
    lacking,
    taken,
    movedPorts,
    checkpoints: imported.map(({ id, name }) => ({ id, name })),
    notes: manifest.notes,
  };
}

async function projectIn(folder: string, environment: Readonly<Record<string, string>>) {
  const source = new ProjectSource({ folder: path.resolve(folder) }, environment);
  try {
    await source.load();
    return source.require();
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) throw thrown;
    throw new AppFailure(
      {
        kind: 'input.invalid',
        field: 'valuesFrom',
        message: `The values cannot be taken from ${folder}: ${thrown.error.message}`,
      },
      { cause: thrown },
    );
  } finally {
    await source.dispose();
  }
}
