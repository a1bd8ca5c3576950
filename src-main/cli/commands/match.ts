import { describeError } from '#contract/describe.ts';
import type { DriftRow, MatchEvent } from '#contract/requests/production.ts';
import { confirmed } from '../consent.ts';
import { followRun } from '../followRun.ts';
import type { Action } from '../program.ts';
import { asked, type Session, withSession } from '../session.ts';
import { leaseOf } from './production.ts';

interface MatchOptions {
  readonly environment?: string;
  readonly lease?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `slipway match [SERVICE…]`: exit status 1 where one could not be brought there. */
export const match: Action<MatchOptions> = (context, services, options) =>
  withSession(context, 'engine', async (session) => {
    const { client, workspace, output } = session;
    // The source's command is confirmed here, before anything is changed.
    const { rows } = await confirmed(session, { yes: options.yes === true }, (consents) =>
      client.production.drift({ workspace, environment: options.environment, consents: [...consents] }),
    );
    const apart = rows.filter(
      ({ service = '', match: way }) => way && (services.length === 0 || services.includes(service)),
    );
    if (options.dryRun) {
      output.document(apart.map(({ service, match: way }) => ({ service, ...way })));
      output.line(
        apart.length === 0 ? 'Nothing is apart that could be matched.' : apart.map(line).join('\n'),
      );
      return 0;
    }
    const events = await followed(session, {
      environment: options.environment,
      services: [...services],
      leaseMs: leaseOf(options.lease),
    });
    output.document(events.filter(({ type }) => type !== 'began'));
    if (apart.length === 0) output.note('Nothing is apart that could be matched.');
    return events.every((event) => event.type !== 'ended' || event.status.type === 'done') ? 0 : 1;
  });

async function followed(
  session: Session,
  request: {
    readonly environment: string | undefined;
    readonly services: string[];
    readonly leaseMs: number | null | undefined;
  },
): Promise<readonly MatchEvent[]> {
  const { client, workspace } = session;
  const events: MatchEvent[] = [];
  const feed = await asked(client.production.match({ workspace, ...request }));
  for (;;) {
    const { done, value: event } = await asked(feed.next());
    if (done) return events;
    events.push(event);
    if (event.type === 'began') await followRun(session, event.run);
    if (event.type === 'ended') session.output.note(wordsOf(event));
  }
}

function line({ service, match: way }: DriftRow): string {
  if (way?.type === 'switch') return `${service}: switch to ${way.version}, with its data`;
  return `${service}: run ${way?.image ?? ''}`;
}

function wordsOf({ service, status }: Extract<MatchEvent, { type: 'ended' }>): string {
  if (status.type === 'done') return `${service} is as in production.`;
  const why = status.type === 'failed' ? describeError(status.error) : status.type;
  return `${service}: ${why}. What was done before stays.`;
}
