import { AppFailure } from '#contract/errors.ts';
import { confirmed } from '../consent.ts';
import { followRun } from '../followRun.ts';
import type { Action } from '../program.ts';
import { asked, type Session, serviceRecords, withSession } from '../session.ts';

interface WatchOptions {
  readonly up?: boolean;
}

/** `slipway watch [SERVICE…]`: boots, then follows the files until Ctrl-C. */
export const watch: Action<WatchOptions> = (context, services, { up }) =>
  withSession(context, 'engine', async (session) => {
    if (up !== false) await boot(session, services);
    const request = { workspace: session.workspace, services: [...services] };
    const { services: names } = await asked(session.client.watch.start(request));
    session.output.note(`Watching ${names.join(', ')}. Ctrl-C ends it.`);
    await follow(session, names);
    await asked(session.client.watch.stop({ workspace: session.workspace }));
    return 0;
  });

async function boot(session: Session, services: readonly string[]): Promise<void> {
  const request = { workspace: session.workspace, services: [...services] };
  const begun = await confirmed(session, { yes: false }, (consents) =>
    session.client.stack.boot({ ...request, consents: [...consents] }),
  );
  const { status } = await followRun(session, begun.run);
  if (status.type === 'failed') throw new AppFailure(status.error);
}

/** A line for each action, in the order in which they end. */
async function follow(session: Session, names: readonly string[]): Promise<void> {
  const said = new Map<string, number>();
  const tell = () => {
    for (const { name, watching } of serviceRecords(session)) {
      if (!names.includes(name) || watching?.at === undefined || said.get(name) === watching.at) continue;
      said.set(name, watching.at);
      session.output.document({ service: name, action: watching.lastAction, at: watching.at });
      session.output.line(`${name}: ${watching.lastAction}`);
    }
  };
  tell();
  try {
    for await (const _ of session.core.feed.watch(undefined, session.signal)) tell();
  } catch (thrown) {
    if (!session.signal.aborted) throw thrown;
  }
}
