import { describeMissed } from '#contract/describe.ts';
import type { Action } from '../program.ts';
import { runToEnd } from '../runOutcome.ts';
import { asked, type Session, serviceRecords } from '../session.ts';

interface StopOptions {
  readonly timeout?: number;
}
interface BuildOptions {
  readonly cache?: boolean;
  readonly pull?: boolean;
}

const target = (session: Session, services: readonly string[]) => ({
  workspace: session.workspace,
  services: [...services],
});

/** `slipway start [SERVICE…]` */
export const start: Action<object> = (context, services) =>
  runToEnd(context, (session) => session.client.stack.start(target(session, services)));

/** `slipway stop [SERVICE…]` */
export const stop: Action<StopOptions> = (context, services, { timeout }) =>
  runToEnd(context, (session) =>
    session.client.stack.stop({ ...target(session, services), graceSeconds: timeout }),
  );

/** `slipway restart [SERVICE…]` */
export const restart: Action<StopOptions> = (context, services, { timeout }) =>
  runToEnd(context, (session) =>
    session.client.stack.restart({ ...target(session, services), graceSeconds: timeout }),
  );

/** `slipway build [SERVICE…]` */
export const build: Action<BuildOptions> = (context, services, options) =>
  runToEnd(
    context,
    (session) =>
      session.client.stack.build({
        ...target(session, services),
        noCache: options.cache === false,
        pull: options.pull,
      }),
    async (session, run) => sayMissed(session, run.startedAt),
  );

/** Of each image that was built just now: why it was not all in the cache. */
async function sayMissed(session: Session, since: number): Promise<object> {
  for (const { name } of serviceRecords(session).filter(({ built }) => built)) {
    const [last] = await asked(
      session.client.builds.history({ workspace: session.workspace, service: name }),
    );
    if (last?.missed && last.sharedWith === undefined && last.startedAt >= since)
      session.output.note(`${name}: ${describeMissed(last.missed)}`);
  }
  return {};
}

/** `slipway pull [SERVICE…]` */
export const pull: Action<object> = (context, services) =>
  runToEnd(context, (session) => session.client.stack.pull(target(session, services)));
