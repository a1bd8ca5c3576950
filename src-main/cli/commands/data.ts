import path from 'node:path';
import { describeBytes, describeDuration, describeKept } from '#contract/describe.ts';
import { AppFailure } from '#contract/errors.ts';
import type { CheckpointView, DataOverview } from '#contract/requests/data.ts';
import { confirmed } from '../consent.ts';
import { callerFolder } from '../globals.ts';
import type { Action } from '../program.ts';
import { runToEnd } from '../runOutcome.ts';
import { asked, type Session, withSession } from '../session.ts';
import { formatTable } from '../table.ts';

interface CheckpointOptions {
  readonly name?: string;
  readonly seed?: boolean;
  readonly list?: boolean;
  readonly export?: string;
  readonly to?: string;
  readonly import?: string;
  readonly delete?: string;
  readonly yes?: boolean;
}

/** `slipway checkpoint [SERVICE…]`, and what can be done with those that are there. */
export const checkpoint: Action<CheckpointOptions> = async (context, services, options) => {
  if (options.list) return withSession(context, 'engine', listed('checkpoints'));
  if (options.export !== undefined) return exportOne(context, options.export, options.to);
  if (options.import !== undefined) return importOne(context, options.import);
  if (options.delete !== undefined) return deleteOne(context, options.delete, options.yes === true);
  const { name, seed } = options;
  return runToEnd(
    context,
    ({ client, workspace }) => client.data.checkpoint({ workspace, services: [...services], name, seed }),
    async ({ client, workspace }) => {
      const [taken] = (await asked(client.data.view({ workspace }))).checkpoints;
      return taken ? { checkpoint: taken } : {};
    },
  );
};

/** `slipway restore CHECKPOINT`: by its id, the beginning of it, or its name. */
export const restore: Action<object> = (context, [wanted = '']) =>
  runToEnd(context, async (session) => {
    const { client, workspace } = session;
    return client.data.restore({ workspace, checkpoint: (await found(session, wanted)).id });
  });

/** `slipway bin`: what was deleted in the last days; `slipway restore` brings it back. */
export const bin: Action<object> = (context) => withSession(context, 'engine', listed('bin'));

/** `slipway seed SERVICE`: back to the image's init scripts, or to a checkpoint. */
export const seed: Action<{ readonly from?: string }> = (context, [service = ''], { from }) =>
  runToEnd(context, async (session) => {
    const { client, workspace } = session;
    const chosen = from === undefined ? undefined : (await found(session, from)).id;
    return client.data.reset({ workspace, service, checkpoint: chosen });
  });

function listed(which: 'checkpoints' | 'bin') {
  return async ({ client, workspace, output }: Session) => {
    const overview = await asked(client.data.view({ workspace }));
    output.document(overview[which]);
    output.line(tableOf(overview[which], Date.now()));
    return 0;
  };
}

function tableOf(checkpoints: readonly CheckpointView[], now: number): string {
  if (checkpoints.length === 0) return 'Nothing.';
  const rows = checkpoints.map((entry) => [
    entry.id.slice(0, 8),
    `${describeDuration(now - entry.createdAt)} ago`,
    describeBytes(entry.storedBytes),
    entry.keptUntil === undefined ? '' : describeKept(entry.keptUntil - now),
    entry.seed ? 'seed' : entry.reason,
    entry.name,
  ]);
  return formatTable(['ID', 'TAKEN', 'ON DISK', 'KEPT FOR', 'WHY', 'NAME'], rows);
}

type Context = Parameters<typeof checkpoint>[0];

function exportOne(context: Context, wanted: string, to: string | undefined): Promise<number> {
  return withSession(context, 'engine', async (session) => {
    const { id, name } = await found(session, wanted);
    const file = callerPath(to ?? `${name.replace(/[^\w.-]+/g, '-')}.slipway`);
    const { client, workspace, output } = session;
    const written = await asked(client.data.exportCheckpoint({ workspace, checkpoint: id, file }));
    output.document(written);
    output.note(`${written.file}, ${describeBytes(written.bytes)}`);
    return 0;
  });
}

function importOne(context: Context, file: string): Promise<number> {
  return withSession(context, 'engine', async ({ client, workspace, output }) => {
    const taken = await asked(client.data.importCheckpoint({ workspace, file: callerPath(file) }));
    output.document(taken);
    output.note(`${taken.name} is here as ${taken.id.slice(0, 8)}: slipway restore ${taken.id.slice(0, 8)}`);
    return 0;
  });
}

function deleteOne(context: Context, wanted: string, yes: boolean): Promise<number> {
  return withSession(context, 'engine', async (session) => {
    const { id, name } = await found(session, wanted);
    const { client, workspace, output } = session;
    await confirmed(session, { yes }, (consents) =>
      client.data.removeCheckpoint({ workspace, checkpoint: id, consents: [...consents] }),
    );
    output.document({ removed: id });
    output.note(`${name} is gone.`);
    return 0;
  });
}

/** By id, the beginning of one, or name, the newest first. Throws `notFound`, or says that several fit. */
async function found({ client, workspace }: Session, wanted: string): Promise<CheckpointView> {
  const overview: DataOverview = await asked(client.data.view({ workspace }));
  const all = [...overview.checkpoints, ...overview.bin].sort((a, b) => b.createdAt - a.createdAt);
  const byId = all.filter(({ id }) => id === wanted || (wanted.length >= 4 && id.startsWith(wanted)));
  const [only, second] = byId;
  if (only && second)
    throw new AppFailure({ kind: 'input.invalid', message: `Several checkpoints begin with ${wanted}.` });
  const match = only ?? all.find(({ name }) => name === wanted);
  if (match) return match;
  throw new AppFailure({
    kind: 'notFound',
    what: `checkpoint ${wanted}`,
    message: `There is no checkpoint ${wanted}.`,
    hint: 'slipway checkpoint --list and slipway bin show what there is.',
  });
}

function callerPath(file: string): string {
  return path.resolve(callerFolder(process.env, process.cwd()), file);
}
