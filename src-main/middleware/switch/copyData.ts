import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { DataPlace } from './decide.ts';
import { lastLines } from './helpers.ts';
import { ROLE_LABEL, SWITCH_LABEL } from './journal.ts';

/** The archive of a folder holds it under its own name, so the copy lies in a folder of the same name. */
const FROM = '/slipway-data';
const TO = '/slipway-copy';

export interface CopyData {
  readonly engine: Engine;
  /** The switch's. */
  readonly id: string;
  /** Of the copying container. */
  readonly name: string;
  /** The volume's or the folder's; read only. */
  readonly from: DataPlace;
  /** A volume that is there and empty. */
  readonly to: string;
  /** Any image of this machine; its own `cp` is used where it has one. */
  readonly image: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies a service's data into another volume while nothing runs on it. The old data is mounted read-only: whatever the
 * server of a carry does to its copy, and whoever starts the old container meanwhile, the old lane stays as it was.
 */
export async function copyData(request: CopyData): Promise<void> {
  const { engine, signal } = request;
  const { id } = await engine.createContainer({
    name: request.name,
    body: {
      Image: request.image,
      User: '0:0',
      Entrypoint: ['cp'],
      Cmd: ['-a', `${FROM}/.`, `${TO}${FROM}/`],
      Labels: { [SWITCH_LABEL]: request.id, [ROLE_LABEL]: 'copy' },
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [
          { Type: request.from.type, Source: request.from.source, Target: FROM, ReadOnly: true },
          { Type: 'volume', Source: request.to, Target: `${TO}${FROM}`, VolumeOptions: { NoCopy: true } },
        ],
      },
    },
    signal,
  });
  if (!(await copiedByImage(request, id))) await copiedByEngine(request, id);
  await engine.removeContainer(id, { force: true, anonymousVolumes: true });
}

/** false: the image has no `cp`. */
async function copiedByImage({ engine, signal, from }: CopyData, id: ContainerId): Promise<boolean> {
  try {
    await engine.startContainer(id, { signal });
  } catch (thrown) {
    // The program is not there, or the image is of another kind: the engine can copy, too.
    if (thrown instanceof AppFailure && !isKind(thrown, 'cancelled', 'engine.unreachable')) return false;
    throw thrown;
  }
  const exitCode = await engine.waitContainer(id, { signal });
  if (exitCode === 0) return true;
  const output = await lastLines(engine, id);
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output,
    message: `The data in ${from.source} could not be copied: ${output.split('\n').at(-1) || `cp ended with ${exitCode}`}`,
    hint: 'A carry needs room for the data once more: look whether the disk of the engine is full.',
  });
}

async function copiedByEngine({ engine, signal }: CopyData, id: ContainerId): Promise<void> {
  const archive = await engine.readArchive(id, FROM, { signal });
  try {
    await engine.writeArchive(id, TO, archive, { copyOwner: true, signal });
  } finally {
    archive.close();
  }
}
