import type { Action } from '../program.ts';
import { asked, withSession } from '../session.ts';

interface PlanOptions {
  readonly build?: boolean;
  readonly forceRecreate?: boolean;
}

/** `slipway plan [SERVICE…]` */
export const plan: Action<PlanOptions> = (context, services, options) =>
  withSession(context, 'engine', async ({ client, workspace, output }) => {
    const view = await asked(
      client.stack.plan({
        workspace,
        services: [...services],
        build: options.build,
        recreate: options.forceRecreate ? 'force' : 'diverged',
      }),
    );
    output.document(view);
    output.line(view.text === '' ? 'Nothing to do.' : view.text);
    return 0;
  });
