import type { Owner } from '#base/owner.ts';
import { OF_NO_SERVICE } from '#compose/labels.ts';
import { isOtherAlive, thisProcess } from '#disk/owner.ts';
import type { ContainerSummary } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';
import { removeSurely } from '#middleware/removeSurely.ts';

/** Containers that are only there to reach volumes carry this label, with the volumes' names. */
const COPY_LABEL = 'dev.slipway.copy';
/** The process that they belong to. */
const OWNER_LABEL = 'dev.slipway.copy.owner';

/** The labels of a container that reaches these volumes for this process. */
export async function copyLabels(volumes: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const owner = JSON.stringify(await thisProcess());
  return { ...OF_NO_SERVICE, [COPY_LABEL]: volumes.join(','), [OWNER_LABEL]: owner };
}

/** Removes what a process that was ended in the middle of a copy has left: it would hold the volumes. */
export async function removeLeftHelpers(engine: Engine, volumes: readonly string[]): Promise<void> {
  const helpers = await engine.listContainers({ all: true, labels: [COPY_LABEL] });
  const own = helpers.filter(({ labels }) =>
    labels[COPY_LABEL]?.split(',').some((name) => volumes.includes(name)),
  );
  for (const helper of own) {
    const owner = ownerOf(helper);
    if (owner && (await isOtherAlive(owner))) continue;
    await removeSurely(engine, helper.id, { anonymousVolumes: true });
  }
}

/** Undefined for one that was made before there was such a label. */
function ownerOf({ labels }: ContainerSummary): Owner | undefined {
  const text = labels[OWNER_LABEL];
  return text === undefined ? undefined : (JSON.parse(text) as Owner);
}
