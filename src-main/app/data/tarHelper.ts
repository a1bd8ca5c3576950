import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { removeLater, removeSurely } from '#middleware/removeSurely.ts';
import { copyLabels } from './copyHelpers.ts';
import { TAR_RECORD_BLOCKS, VOLUME_FOLDER } from './copyVolume.ts';

/** Each volume lies in a folder of its own, so that in every archive it has the name that the engine's own would have. */
const VOLUMES = '/slipway-volumes';
const OUT = '/slipway-checkpoint';

export interface TarHelperRequest {
  readonly engine: Engine;
  readonly volumes: readonly string[];
  /** Any image of this machine; its own `tar` is used where it has one. */
  readonly image: string;
  /** Where the archives go; the engine has to see it. */
  readonly folder: string;
  readonly newId: () => string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A container with the volumes, read-only, and the checkpoint's folder, whose `tar` writes without a byte passing through
 * the engine. It is started while the services still run, so that they are stopped for the time of the copy alone.
 */
export class TarHelper {
  readonly #request: TarHelperRequest;
  readonly #id: ContainerId;

  private constructor(request: TarHelperRequest, id: ContainerId) {
    this.#request = request;
    this.#id = id;
  }

  /** Undefined where the engine is another machine's or the image has no `tar`: then the engine has to copy. */
  static async start(request: TarHelperRequest): Promise<TarHelper | undefined> {
    const { engine, signal } = request;
    const { endpoint } = await engine.info();
    if (!/^(unix|npipe):/.test(endpoint)) return undefined;
    try {
      const { id } = await engine.createContainer({
        name: `slipway-copy-${request.newId().slice(0, 12)}`,
        body: bodyOf(request, await copyLabels(request.volumes)),
        signal,
      });
      const helper = new TarHelper(request, id);
      return (await helper.#runs()) ? helper : undefined;
    } catch (thrown) {
      if (!mayBeDoneOtherwise(thrown)) throw thrown;
      return undefined;
    }
  }

  /** Fills a file that is there; false: it could not, and whatever it wrote does not count. */
  async save(volume: string, file: string): Promise<boolean> {
    const { engine, volumes, signal } = this.#request;
    const from = ['-C', `${VOLUMES}/${volumes.indexOf(volume)}`, VOLUME_FOLDER];
    const tar = async (...options: readonly string[]) => {
      const command = ['tar', ...options, `${OUT}/${path.basename(file)}`, ...from];
      return (await engine.exec(this.#id, { command, user: '0:0', signal })).exitCode === 0;
    };
    try {
      // Added to the empty file: a file that is cut to nothing and written again is sent to the disk at its close by ext4,
      // which takes as long again as the copy.
      if (await tar('-b', `${TAR_RECORD_BLOCKS}`, '-rf')) return true;
      // Busybox has no such option and says so before it writes; what was begun must not be begun again under who reads it.
      return (await stat(file)).size === 0 && (await tar('-cf'));
    } catch (thrown) {
      if (!mayBeDoneOtherwise(thrown)) throw thrown;
      return false;
    }
  }

  /** Lets it go. `wait` where a volume is deleted next, which the container would hold. */
  async end({ wait }: { readonly wait: boolean }): Promise<void> {
    const { engine } = this.#request;
    if (wait) await removeSurely(engine, this.#id, { anonymousVolumes: true });
    else removeLater(engine, this.#id);
  }

  async #runs(): Promise<boolean> {
    try {
      await this.#request.engine.startContainer(this.#id, { signal: this.#request.signal });
      return true;
    } catch (thrown) {
      await this.end({ wait: true });
      if (!mayBeDoneOtherwise(thrown)) throw thrown;
      return false;
    }
  }
}

function bodyOf({ image, volumes, folder }: TarHelperRequest, labels: Readonly<Record<string, string>>) {
  return {
    Image: image,
    User: '0:0',
    // It waits for names on its input, which never come: the one program that is needed anyhow keeps the container up.
    Entrypoint: ['tar'],
    Cmd: ['-cf', '/dev/null', '-T', '-'],
    OpenStdin: true,
    Healthcheck: { Test: ['NONE'] },
    Labels: labels,
    HostConfig: {
      NetworkMode: 'none',
      // The engine's filter of calls slows every read and write down, to half the speed on some processors. In its place
      // the program has no rights but to read and write what is nobody's or another's.
      SecurityOpt: ['seccomp=unconfined', 'no-new-privileges'],
      CapDrop: ['ALL'],
      CapAdd: ['DAC_OVERRIDE'],
      ReadonlyRootfs: true,
      Mounts: [
        ...volumes.map((volume, index) => ({
          Type: 'volume' as const,
          Source: volume,
          Target: `${VOLUMES}/${index}/${VOLUME_FOLDER}`,
          ReadOnly: true,
          VolumeOptions: { NoCopy: true },
        })),
        { Type: 'bind' as const, Source: folder, Target: OUT },
      ],
    },
  };
}

/** What the engine says against a helper is no reason to give up; a cancel and an engine that is gone are. */
function mayBeDoneOtherwise(thrown: unknown): boolean {
  return thrown instanceof AppFailure && !isKind(thrown, 'cancelled', 'engine.unreachable');
}
