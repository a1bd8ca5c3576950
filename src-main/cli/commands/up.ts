import { describeShortage, describeTook } from '#contract/describe.ts';
import { AppFailure } from '#contract/errors.ts';
import type { RunRecord } from '#contract/runModel.ts';
import { confirmed } from '../consent.ts';
import { completeFiles, withPrerequisites } from '../firstDay.ts';
import { lockedContext } from '../lockedContext.ts';
import type { Action } from '../program.ts';
import { recreateVolumes } from '../recreateVolumes.ts';
import { runToEnd } from '../runOutcome.ts';
import { asked, type Session, serviceRecords, tellWarnings } from '../session.ts';
import { formatTable } from '../table.ts';

interface UpOptions {
  readonly build?: boolean;
  readonly forceRecreate?: boolean;
  readonly recreate?: boolean;
  readonly removeOrphans?: boolean;
  readonly pull?: 'always' | 'missing' | 'never';
  readonly wait?: boolean;
  readonly deps?: boolean;
  readonly scale?: readonly string[];
  readonly timeout?: number;
  readonly timings?: boolean;
  readonly locked?: boolean;
  readonly recreateVolumes?: 'carry' | 'empty';
  readonly yes?: boolean;
}

/** `slipway up [SERVICE…]` */
export const up: Action<UpOptions> = async (context, services, options) =>
  runToEnd(
    options.locked ? await lockedContext(context) : context,
    async (session) => {
      tellWarnings(session);
      const alone = replacedAlone(session, services, options);
      if (alone !== undefined)
        return session.client.builds.replace({ workspace: session.workspace, ...alone });
      const request = bootRequest(session, services, options);
      await warnOfMemory(session, services);
      const answers = { yes: options.yes === true };
      if (options.recreateVolumes !== undefined)
        await recreateVolumes(session, { ...answers, data: options.recreateVolumes });
      return withPrerequisites(session, answers, () =>
        confirmed(session, answers, (consents) =>
          session.client.stack.boot({ ...request, consents: [...consents] }),
        ),
      );
    },
    async (session, run) => (options.timings ? timings(session, run) : {}),
    (session) => completeFiles(session, { yes: options.yes === true }),
  );

/** Said before anything starts; whether it is worth trying is the user's to know. */
async function warnOfMemory(session: Session, services: readonly string[]): Promise<void> {
  const fit = await asked(
    session.client.memory.fit({ workspace: session.workspace, services: [...services] }),
  );
  if (fit.type === 'short')
    session.output.note(`There is probably not enough memory. ${describeShortage(fit)}`);
}

/** `up --build SERVICE` of a service that runs: built and replaced, and nothing else is looked at. */
function replacedAlone(session: Session, services: readonly string[], options: UpOptions) {
  const [service, ...others] = services;
  const { build, scale, removeOrphans, pull, timeout, recreate, wait } = options;
  if (build !== true || service === undefined || others.length > 0) return undefined;
  if (scale || removeOrphans || pull || timeout !== undefined || recreate === false || wait === false)
    return undefined;
  const record = serviceRecords(session).find(({ name }) => name === service);
  const runs = record?.built && record.replicas.some(({ state }) => state === 'running');
  return runs ? { service, build: true, recreate: options.forceRecreate === true } : undefined;
}

function bootRequest(session: Session, services: readonly string[], options: UpOptions) {
  return {
    workspace: session.workspace,
    services: [...services],
    build: options.build,
    recreate: recreateOf(options),
    removeOrphans: options.removeOrphans,
    pull: options.pull,
    wait: options.wait !== false,
    noDeps: options.deps === false,
    scale: options.scale === undefined ? undefined : scaleOf(options.scale),
    graceSeconds: options.timeout,
  };
}

function recreateOf({ forceRecreate, recreate }: UpOptions): 'force' | 'never' | 'diverged' {
  if (forceRecreate) return 'force';
  return recreate === false ? 'never' : 'diverged';
}

function scaleOf(entries: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    entries.map((entry) => {
      const [, service, count] = /^(.+)=(\d{1,4})$/.exec(entry) ?? [];
      if (service === undefined) {
        throw new AppFailure({
          kind: 'input.invalid',
          field: 'scale',
          message: `--scale wants SERVICE=NUMBER, not ${entry}.`,
        });
      }
      return [service, Number(count)];
    }),
  );
}

async function timings(session: Session, run: RunRecord): Promise<object> {
  const history = await asked(session.client.boot.history({ workspace: session.workspace }));
  const timeline = history.find((entry) => entry.run === run.id);
  if (timeline === undefined) {
    session.output.line('No time was spent: everything was as the files say.');
    return {};
  }
  const rows = timeline.services.map(({ service, spans, readyMs, note }) => [
    service,
    spans.map((span) => `${span.phase} ${describeTook(span.toMs - span.fromMs)}`).join(', '),
    readyMs === undefined ? '' : describeTook(readyMs),
    note ?? '',
  ]);
  session.output.line(formatTable(['SERVICE', 'TIME', 'READY AFTER', ''], rows));
  if (timeline.criticalPath.length > 0)
    session.output.line(`Slowest chain: ${timeline.criticalPath.join(' → ')}`);
  return { timeline };
}
