import { OF_NO_SERVICE } from '#compose/labels.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { DataPlace } from './decide.ts';
import { ROLE_LABEL, SWITCH_LABEL } from './journal.ts';

/** The archive of a folder holds it under its own name, so the copy lies in a folder of the same name. */
const FROM = '/slipway-data';
const TO = '/slipway-copy';
/** How a shell, and so the engine, tells that a command is not there or cannot be run. */
const NO_COMMAND = [126, 127];

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
  /** Resolves when nothing writes to the data any more. */
  readonly quiet: Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies a service's data into another volume once nothing runs on it. The old data is mounted read-only: whatever the
 * server of a carry does to its copy, and whoever starts the old container meanwhile, the old lane stays as it was. Resolves
 * with the container that copied: whoever removes it has the disk busy with the copy.
 */
export async function copyData(request: CopyData): Promise<ContainerId> {
  const { quiet } = request;
  // It comes up while the old server goes down.
  const id = await createCopier(request);
  const runs = await isStarted(request, id);
  await quiet;
  if (!(runs && (await copiedByImage(request, id)))) await copiedByEngine(request, id);
  return id;
}

async function createCopier({ engine, image, ...request }: CopyData): Promise<ContainerId> {
  const { id } = await engine.createContainer({
    name: request.name,
    body: {
      Image: image,
      User: '0:0',
      // It waits for an input that never comes. Were the copy itself its program, its end would be told only when the engine
      // has unmounted its file system, and with that has sent the whole copy to the disk.
      Entrypoint: ['cat'],
      Cmd: [],
      OpenStdin: true,
      Healthcheck: { Test: ['NONE'] },
      Labels: { ...OF_NO_SERVICE, [SWITCH_LABEL]: request.id, [ROLE_LABEL]: 'copy' },
      HostConfig: {
        NetworkMode: 'none',
        // As for a checkpoint's helper: the filter of system calls slows every read and write down.
        SecurityOpt: ['seccomp=unconfined', 'no-new-privileges'],
        CapDrop: ['ALL'],
        CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'MKNOD', 'SETFCAP'],
        Mounts: [
          { Type: request.from.type, Source: request.from.source, Target: FROM, ReadOnly: true },
          { Type: 'volume', Source: request.to, Target: `${TO}${FROM}`, VolumeOptions: { NoCopy: true } },
        ],
      },
    },
    signal: request.signal,
  });
  return id;
}

/** false: the image has no such program, or is of another kind; the engine can copy, too. */
async function isStarted({ engine, signal }: CopyData, id: ContainerId): Promise<boolean> {
  try {
    await engine.startContainer(id, { signal });
    return true;
  } catch (thrown) {
    if (thrown instanceof AppFailure && !isKind(thrown, 'cancelled', 'engine.unreachable')) return false;
    throw thrown;
  }
}

/** false: the image has no `cp`. */
async function copiedByImage({ engine, signal, from }: CopyData, id: ContainerId): Promise<boolean> {
  const command = ['cp', '-a', `${FROM}/.`, `${TO}${FROM}/`];
  const { exitCode, stdout, stderr } = await engine.exec(id, { command, user: '0:0', signal });
  if (exitCode === 0) return true;
  if (NO_COMMAND.includes(exitCode)) return false;
  const output = Buffer.concat([stdout, stderr]).toString().trim();
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
