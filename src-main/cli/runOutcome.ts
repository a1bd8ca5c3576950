import { describeError, describeState, describeTook } from '#contract/describe.ts';
import type { RunId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { RunRecord } from '#contract/runModel.ts';
import { followRun, stepRecords } from './followRun.ts';
import { asked, type CommandContext, type Session, serviceRecords, withSession } from './session.ts';

/** Starts a run, shows it to its end and says how it ended. The exit status. */
export async function runToEnd(
  context: CommandContext,
  begin: (session: Session) => PromiseLike<{ readonly run: RunId }>,
  more: (session: Session, run: RunRecord) => Promise<object> = async () => ({}),
  prepare?: (session: Session) => Promise<void>,
): Promise<number> {
  const work = async (session: Session) => {
    const { run } = await asked(begin(session));
    const record = await followRun(session, run);
    session.output.document({ ...outcomeDocument(session, record), ...(await more(session, record)) });
    sayOutcome(session, record);
    return statusOf(record);
  };
  return withSession(context, 'engine', work, prepare);
}

/** A cancelled run is one that Ctrl-C ended. */
function statusOf(record: RunRecord): number {
  if (record.status.type === 'done') return 0;
  return record.status.type === 'cancelled' ? 130 : 1;
}

function outcomeDocument(session: Session, record: RunRecord): object {
  const { id, kind, title, startedAt, finishedAt, status } = record;
  return {
    run: { id, kind, title, outcome: status.type, startedAt, finishedAt, totalMs: tookOf(record) },
    steps: stepRecords(session, record).map(
      ({ index, kind: step, service, label, cause, status: state }) => ({
        index,
        kind: step,
        service,
        label,
        cause,
        status: state,
      }),
    ),
    services: serviceRecords(session).map(serviceDocument),
    ...(status.type === 'failed' ? { error: status.error } : {}),
  };
}

/** A service as `--json` prints it: the record, and its state in words. */
export function serviceDocument(service: ServiceRecord): object {
  const { type: _type, workspace: _workspace, ...rest } = service;
  return { ...rest, words: describeState(service, Date.now()) };
}

function sayOutcome(session: Session, record: RunRecord): void {
  const { output } = session;
  const took = describeTook(tookOf(record));
  if (record.status.type === 'done')
    output.note(record.steps === 0 ? 'Nothing to do.' : `${record.title}: done in ${took}.`);
  if (record.status.type === 'cancelled') output.note(`${record.title}: cancelled after ${took}.`);
  if (record.status.type !== 'failed' || output.json) return;
  output.note(`${record.title}: failed after ${took}.\n${failureText(session, record.status.error)}`);
}

/** The failure, and for each service that failed its last lines. */
function failureText(session: Session, error: Parameters<typeof describeError>[0]): string {
  const cards = serviceRecords(session).flatMap(({ name, failure }) =>
    failure === undefined
      ? []
      : [`\n${name}: ${failure.title}`, failure.explanation, ...failure.lines.map((line) => `  | ${line}`)],
  );
  const differences = error.kind === 'data.verifyFailed' ? error.differences.map((line) => `  ${line}`) : [];
  return [describeError(error), ...differences, ...cards].filter((line) => line !== '').join('\n');
}

function tookOf(record: RunRecord): number {
  return (record.finishedAt ?? record.startedAt) - record.startedAt;
}
