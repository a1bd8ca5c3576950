import path from 'node:path';
import { describeBytes } from '#contract/describe.ts';
import { AppFailure } from '#contract/errors.ts';
import type { LocalRegistryView, OpenedPack, PackView } from '#contract/requests/share.ts';
import { followRun } from '../followRun.ts';
import { callerFolder } from '../globals.ts';
import type { Action } from '../program.ts';
import { runToEnd } from '../runOutcome.ts';
import { asked, type Client, withCore, withSession } from '../session.ts';
import { formatTable } from '../table.ts';

interface PackOptions {
  readonly to?: string;
  readonly checkpoint?: readonly string[];
  readonly images?: boolean;
  readonly around?: string;
  readonly dryRun?: boolean;
}

/** `slipway pack`: one file with which a colleague boots the same stack. */
export const pack: Action<PackOptions> = (context, _args, options) =>
  withSession(context, 'engine', async (session) => {
    const { client, workspace, output } = session;
    const { checkpoints } = await asked(client.data.view({ workspace }));
    const chosen = (options.checkpoint ?? []).map((wanted) => {
      const found = checkpoints.find(({ id, name }) => name === wanted || id.startsWith(wanted));
      if (found !== undefined) return found.id;
      throw new AppFailure({
        kind: 'notFound',
        what: `checkpoint ${wanted}`,
        message: `There is no checkpoint ${wanted}.`,
        hint: 'slipway checkpoint --list shows what there is.',
      });
    });
    const request = {
      workspace,
      images: options.images,
      checkpoints: chosen,
      ...(options.around === undefined ? {} : { aroundMs: timeOf(options.around) }),
    };
    const plan = await asked(client.share.packPlan(request));
    if (options.dryRun) {
      output.document(plan);
      output.line(planText(plan));
      return 0;
    }
    const file = callerPath(options.to ?? plan.fileName);
    const { run } = await asked(client.share.pack({ ...request, file }));
    const record = await followRun(session, run);
    const ok = record.status.type === 'done';
    output.document({ file, ...plan, outcome: record.status });
    if (record.status.type === 'failed') throw new AppFailure(record.status.error);
    output.note(ok ? `${file}: a colleague opens it with slipway unpack.` : 'Cancelled.');
    return ok ? 0 : 130;
  });

function planText(plan: PackView): string {
  return [
    formatTable(
      ['SERVICE', 'IMAGE', 'FROM', ''],
      plan.services.map(({ service, image, from, sizeBytes, why }) => [
        service,
        image,
        from,
        why ?? (sizeBytes === undefined ? '' : describeBytes(sizeBytes)),
      ]),
    ),
    `Files: ${plan.files.join(', ') || 'none'}`,
    `Names of variables, no value of any: ${plan.variables.join(', ') || 'none'}`,
    `Logs: ${plan.logs.why}`,
    ...plan.notes.map((note) => `! ${note}`),
    `${describeBytes(plan.bytes)} before compression.`,
  ].join('\n');
}

interface UnpackOptions {
  readonly valuesFrom?: string;
  readonly boot?: boolean;
}

/** `slipway unpack FILE [FOLDER]`: opens what a colleague has packed. */
export const unpack: Action<UnpackOptions> = (context, [file = '', folder], options) =>
  withCore(async (_core, client) => {
    const opened = await asked(
      client.share.openPack({
        file: callerPath(file),
        ...(folder === undefined ? {} : { folder: callerPath(folder) }),
        ...(options.valuesFrom === undefined ? {} : { valuesFrom: callerPath(options.valuesFrom) }),
      }),
    );
    context.output.note(openedText(opened));
    if (options.boot !== true) {
      context.output.document(opened);
      return 0;
    }
    if (opened.lacking.length > 0)
      throw new AppFailure({
        kind: 'compose.variable',
        variables: opened.lacking,
        message: `Values are lacking: ${opened.lacking.join(', ')}.`,
        hint: `Write them into ${path.join(opened.folder, '.env')}, then slipway up there.`,
      });
    await restored(client, opened);
    const inside = {
      ...context,
      globals: { ...context.globals, file: [path.join(opened.folder, 'compose.yaml')] },
    };
    return runToEnd(
      inside,
      (session) => session.client.stack.boot({ workspace: session.workspace }),
      async () => opened,
    );
  });

/** Data first: what boots after it finds it. */
async function restored(client: Client, { workspace, checkpoints }: OpenedPack): Promise<void> {
  for (const { id } of checkpoints) {
    const { run } = await asked(client.data.restore({ workspace, checkpoint: id }));
    await asked(client.stack.wait({ workspace, run }));
  }
}

function openedText({ folder, project, lacking, taken, movedPorts, checkpoints, notes }: OpenedPack): string {
  return [
    `${project} is in ${folder}.`,
    ...(taken > 0 ? [`${taken} values came from your own checkout, into its .env.`] : []),
    ...(lacking.length > 0 ? [`Values are asked for: ${lacking.join(', ')}.`] : []),
    ...movedPorts.map(
      ({ service, from, to }) => `Port ${from} is in use here: ${service} is published on ${to} instead.`,
    ),
    ...checkpoints.map(({ id, name }) => `Data: ${name}, put back with slipway restore ${id.slice(0, 8)}.`),
    ...notes.map((note) => `! ${note}`),
  ].join('\n');
}

interface RegistryOptions {
  readonly network?: boolean;
  readonly port?: number;
  readonly tag?: string;
}

const DOES: ReadonlySet<string> = new Set(['status', 'start', 'stop', 'push']);

/** `slipway registry [start|stop|push [SERVICE…]]`: a registry on this machine, for a team. */
export const registry: Action<RegistryOptions> = (context, [what = 'status', ...services], options) => {
  if (!DOES.has(what))
    throw new AppFailure({
      kind: 'input.invalid',
      message: `slipway registry wants status, start, stop or push, not ${what}.`,
    });
  if (what === 'push')
    return runToEnd(context, ({ client, workspace }) =>
      client.share.pushBuilds({ workspace, services: [...services], tag: options.tag, port: options.port }),
    );
  return withSession(context, 'engine', async ({ client, workspace, output }) => {
    if (what === 'stop') {
      await asked(client.share.stopRegistry({ workspace, port: options.port }));
      output.document({ state: 'absent' });
      output.note('Stopped. What it holds stays in its volumes.');
      return 0;
    }
    const reach = options.network ? ('network' as const) : ('thisMachine' as const);
    const view =
      what === 'start'
        ? await asked(client.share.startRegistry({ workspace, reach, port: options.port }))
        : await asked(client.share.registry({ workspace, port: options.port }));
    output.document(view);
    output.line(registryText(view));
    return 0;
  });
};

function registryText(view: LocalRegistryView): string {
  if (view.state === 'absent') return 'No registry runs here. slipway registry start starts one.';
  if (view.state === 'stopped')
    return 'The registry is there and does not run. slipway registry start starts it.';
  return [
    `Takes pushes: ${view.address} (slipway registry push)`,
    view.cacheUsed
      ? `Keeps what is pulled: ${view.cacheAddress}, and the engine asks it.`
      : `Keeps what is pulled, once the engine's daemon.json says "registry-mirrors": ["${view.cacheAddress}"].`,
    ...(view.shared.length > 0
      ? [
          `Colleagues: ${view.shared.join(', ')}. It speaks plain HTTP without a login: their engines want it in "insecure-registries".`,
        ]
      : []),
    ...view.images.map(({ name, tags }) => `  ${name}: ${tags.join(', ')}`),
  ].join('\n');
}

function timeOf(text: string): number {
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at;
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'around',
    message: `--around wants a time such as 2026-11-28T14:05, not ${text}.`,
  });
}

function callerPath(file: string): string {
  return path.resolve(callerFolder(process.env, process.cwd()), file);
}
