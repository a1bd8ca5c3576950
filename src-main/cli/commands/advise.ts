import { describeTook } from '#contract/describe.ts';
import type { Advice } from '#contract/requests/builds.ts';
import type { Action } from '../program.ts';
import { asked, type Session, withSession, workspaceRecord } from '../session.ts';

interface AdviseOptions {
  readonly apply?: boolean;
}

/** `slipway advise [SERVICE…]`: what makes builds slow, and the change that helps. Writes it only with `--apply`. */
export const advise: Action<AdviseOptions> = (context, services, { apply }) =>
  withSession(context, 'files', async (session) => {
    const names = services.length > 0 ? services : (workspaceRecord(session)?.services ?? []);
    const found: Record<string, readonly Advice[]> = {};
    for (const service of names) {
      const advice = await adviseOne(session, service);
      if (advice.length > 0) found[service] = advice;
      if (apply) await applyAll(session, service, advice);
    }
    session.output.document(found);
    if (Object.keys(found).length === 0) session.output.note('Nothing to advise.');
    return 0;
  });

async function adviseOne(session: Session, service: string): Promise<readonly Advice[]> {
  const advice = await asked(session.client.builds.advise({ workspace: session.workspace, service }));
  for (const entry of advice) session.output.line(textOf(service, entry));
  return advice;
}

async function applyAll(session: Session, service: string, advice: readonly Advice[]): Promise<void> {
  const { client, workspace, output } = session;
  for (const { rule, change } of advice) {
    if (change === undefined) continue;
    await asked(client.builds.applyAdvice({ workspace, service, rule }));
    output.note(`Changed ${change.file}.`);
  }
}

function textOf(service: string, { title, explanation, line, costMs, change }: Advice): string {
  const where = line === undefined ? service : `${service}, line ${line}`;
  const cost = costMs === undefined ? '' : ` It took ${describeTook(costMs)} in the last build.`;
  return [`${where}: ${title}.`, `  ${explanation}${cost}`, ...(change ? ['', change.diff] : [''])].join(
    '\n',
  );
}
