import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { OF_NO_SERVICE } from '#compose/labels.ts';
import { isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { isThere } from '#disk/owner.ts';
import type { Cancel, Engine } from '#engine/engine.ts';

/** On every toolbox container, with the id of the container it looks into. */
export const TOOLBOX_LABEL = 'slipway.toolbox';
/** Which Slipway made it: `host/pid`. Another one that runs beside this one keeps its toolboxes. */
const OWNER_LABEL = 'slipway.toolbox.owner';
const OWNER = `${os.hostname()}/${process.pid}`;
export const DEFAULT_TOOLBOX_IMAGE = 'busybox';
/** Where the target's files are, seen from the toolbox. */
export const TARGET_ROOT = '/proc/1/root';

/**
 * Containers with a shell and tools that share the process and network namespaces and the volumes of one that has none. One
 * a target, removed when the last session on it ends.
 */
export class Toolboxes {
  readonly #engine: () => Engine;
  readonly #image: () => string;
  readonly #open = new Map<string, { readonly box: Promise<ContainerId>; users: number }>();

  constructor(options: { readonly engine: () => Engine; readonly image: () => string }) {
    this.#engine = options.engine;
    this.#image = options.image;
  }

  async enter(target: ContainerId, options?: Cancel): Promise<ContainerId> {
    const open = this.#open.get(target) ?? { box: this.#create(target, options), users: 0 };
    this.#open.set(target, open);
    open.users++;
    try {
      return await open.box;
    } catch (thrown) {
      if (this.#open.get(target) === open) this.#open.delete(target);
      throw thrown;
    }
  }

  async leave(target: ContainerId): Promise<void> {
    const open = this.#open.get(target);
    if (open === undefined || --open.users > 0) return;
    this.#open.delete(target);
    await remove(this.#engine(), await open.box);
  }

  /** What an app that was killed has left. */
  async removeLeftOver(): Promise<void> {
    const engine = this.#engine();
    const mine = new Set(await Promise.all([...this.#open.values()].map(({ box }) => box)));
    for (const { id, labels } of await engine.listContainers({ all: true, labels: [TOOLBOX_LABEL] })) {
      if (!mine.has(id) && isLeftOver(labels[OWNER_LABEL])) await remove(engine, id);
    }
  }

  async #create(target: ContainerId, options: Cancel | undefined): Promise<ContainerId> {
    const engine = this.#engine();
    const image = this.#image();
    if ((await engine.inspectImage(image, options)) === undefined)
      await engine.pullImage({ reference: image, ...options });
    const { id } = await engine.createContainer({
      // Another Slipway, or one in another container with the same number, may have one of its own on this target.
      name: `slipway-toolbox-${target.slice(0, 12)}-${process.pid}-${randomUUID().slice(0, 6)}`,
      body: {
        Image: image,
        Entrypoint: ['sleep'],
        Cmd: ['2147483647'],
        User: '0',
        Labels: { ...OF_NO_SERVICE, [TOOLBOX_LABEL]: target, [OWNER_LABEL]: OWNER },
        HostConfig: {
          PidMode: `container:${target}`,
          NetworkMode: `container:${target}`,
          VolumesFrom: [target],
          // Without it the kernel shows the files of processes of the same user only.
          CapAdd: ['SYS_PTRACE'],
          Init: true,
        },
      },
      ...options,
    });
    try {
      await engine.startContainer(id, options);
    } catch (thrown) {
      await remove(engine, id);
      throw thrown;
    }
    return id;
  }
}

/** Its Slipway ran on this machine and does not any more. One of another machine is that machine's business. */
function isLeftOver(owner: string | undefined): boolean {
  if (owner === undefined || owner === OWNER) return true;
  const [host, pid] = owner.split('/');
  return host === os.hostname() && !isThere(Number(pid));
}

async function remove(engine: Engine, id: ContainerId): Promise<void> {
  try {
    await engine.removeContainer(id, { force: true, anonymousVolumes: true });
  } catch (thrown) {
    if (!isKind(thrown, 'engine.notFound', 'engine.conflict')) throw thrown;
  }
}
