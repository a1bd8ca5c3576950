import { describeDuration } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { CheckpointView } from '#contract/requests/data.ts';
import { attempt } from '#state/actions.ts';
import { confirmed, withConsent } from '#state/consent.ts';
import type { WindowModel } from '#state/windowModel.ts';

/** Puts a checkpoint back, after saying what it replaces and where that goes. */
export function restore(model: WindowModel, workspace: WorkspaceId, checkpoint: CheckpointView): void {
  const age = describeDuration(model.ticker.now() - checkpoint.createdAt);
  const services = checkpoint.services.map(({ name }) => name);
  const stop = `${services.join(', ') || 'Nothing'} ${services.length > 1 ? 'stop' : 'stops'} for a moment.`;
  confirmed(model, {
    title: `Restore ${checkpoint.name}?`,
    body: `Back to how it was ${age} ago. ${stop} What these volumes hold now goes into the bin first and can be restored from there for 7 days.`,
    list: checkpoint.volumes.map(({ name }) => name),
    action: 'Restore',
    run: () =>
      void attempt(model, 'Restore', model.client.data.restore({ workspace, checkpoint: checkpoint.id })),
  });
}

/** Back to the init scripts, or to a seed. */
export function reset(
  model: WindowModel,
  workspace: WorkspaceId,
  { service, seed }: { readonly service: string; readonly seed?: CheckpointView | undefined },
): void {
  const goal = seed ? `the seed “${seed.name}”` : "what the image's init scripts make";
  confirmed(model, {
    title: `Reset the data of ${service}?`,
    body: `${service} starts again with ${goal}. What it holds now goes into the bin first and can be restored from there for 7 days.`,
    action: 'Reset the data',
    look: 'danger',
    run: () =>
      void attempt(
        model,
        'Reset',
        model.client.data.reset({ workspace, service, ...(seed && { checkpoint: seed.id }) }),
      ),
  });
}

/** Makes a volume anew as the files define it now; the core names what that means and wants a consent. */
export function recreate(
  model: WindowModel,
  workspace: WorkspaceId,
  { volume, data }: { readonly volume: string; readonly data: 'carry' | 'empty' },
): void {
  withConsent(model, 'Make the volume anew', (consents) =>
    model.client.data.recreate({ workspace, volumes: [volume], data, ...(consents && { consents }) }),
  );
}

/** Deletes a volume that nothing uses. */
export function removeVolume(model: WindowModel, workspace: WorkspaceId, volume: string): void {
  confirmed(model, {
    title: 'Delete this volume?',
    body: 'Nothing uses it now. A copy goes into the bin first and can be restored from there for 7 days.',
    list: [volume],
    action: 'Delete the volume',
    look: 'danger',
    run: () =>
      void attempt(
        model,
        'Deleting the volume',
        model.client.data.removeVolumes({ workspace, volumes: [volume] }),
      ),
  });
}

/** For good: the core wants a consent for it, and says what goes. `done` hears when it is gone. */
export function removeCheckpoint(
  model: WindowModel,
  workspace: WorkspaceId,
  { checkpoint, done }: { readonly checkpoint: CheckpointView; readonly done: () => void },
): void {
  withConsent(model, `Delete ${checkpoint.name} for good`, (consents) =>
    model.client.data
      .removeCheckpoint({ workspace, checkpoint: checkpoint.id, ...(consents && { consents }) })
      .then(done),
  );
}

/** Marks it as what services can be reset to, or takes the mark away. */
export async function markSeed(
  model: WindowModel,
  workspace: WorkspaceId,
  checkpoint: CheckpointView,
): Promise<void> {
  const change = { workspace, checkpoint: checkpoint.id, seed: !checkpoint.seed };
  await attempt(model, 'Marking the seed', model.client.data.rename(change));
}
