import { AppFailure } from '#contract/errors.ts';
import { confirmed } from './consent.ts';
import { followRun } from './followRun.ts';
import { asked, type Session } from './session.ts';

/**
 * Makes the volumes anew whose definition in the files has changed, and waits until that is done. Asks first, naming each.
 * Throws what kept it from being done.
 */
export async function recreateVolumes(
  session: Session,
  options: { readonly yes: boolean; readonly data: 'carry' | 'empty' },
): Promise<void> {
  const { client, workspace, output } = session;
  const overview = await asked(client.data.view({ workspace }));
  const volumes = overview.volumes.filter(({ changed }) => changed).map(({ name }) => name);
  if (volumes.length === 0) return;
  const { run } = await confirmed(session, options, (consents) =>
    client.data.recreate({ workspace, volumes, data: options.data, consents: [...consents] }),
  );
  const { status, title } = await followRun(session, run);
  if (status.type === 'failed') throw new AppFailure(status.error);
  if (status.type !== 'done') throw new AppFailure({ kind: 'cancelled', message: `${title}: cancelled.` });
  output.note(`${title}: done. What was there is in the bin: slipway bin`);
}
