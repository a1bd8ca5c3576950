import { AppFailure } from '#contract/errors.ts';
import type { Action } from '../program.ts';
import { runToEnd } from '../runOutcome.ts';

/** `slipway scale SERVICE=N`: one service at a time, as one run works at a time. */
export const scale: Action<object> = async (context, entries) => {
  let status = 0;
  for (const { service, replicas } of entries.map(scaleOf)) {
    status ||= await runToEnd(context, (session) =>
      session.client.stack.scale({ workspace: session.workspace, service, replicas }),
    );
  }
  return status;
};

function scaleOf(entry: string): { readonly service: string; readonly replicas: number } {
  const [, service, count] = /^(.+)=(\d{1,3})$/.exec(entry) ?? [];
  if (service !== undefined) return { service, replicas: Number(count) };
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'scale',
    message: `scale wants SERVICE=NUMBER, not ${entry}.`,
  });
}
