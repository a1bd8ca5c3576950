import { confirmed } from '../consent.ts';
import type { Action } from '../program.ts';
import { runToEnd } from '../runOutcome.ts';

interface DownOptions {
  readonly volumes?: boolean;
  readonly removeOrphans?: boolean;
  readonly timeout?: number;
  readonly yes?: boolean;
}

/** `slipway down` */
export const down: Action<DownOptions> = (context, _args, options) =>
  runToEnd(context, (session) =>
    confirmed(session, { yes: options.yes === true }, (consents) =>
      session.client.stack.down({
        workspace: session.workspace,
        volumes: options.volumes,
        removeOrphans: options.removeOrphans,
        graceSeconds: options.timeout,
        consents: [...consents],
      }),
    ),
  );
