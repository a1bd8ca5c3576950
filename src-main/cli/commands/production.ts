import { describeBytes, describeDuration } from '#contract/describe.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type {
  ConfigDifferenceView,
  DriftRow,
  DriftView,
  SwapPlanView,
} from '#contract/requests/production.ts';
import { confirmed } from '../consent.ts';
import type { Action } from '../program.ts';
import { runToEnd } from '../runOutcome.ts';
import { asked, requireServices, type Session, serviceRecords, withSession } from '../session.ts';
import { formatTable } from '../table.ts';

interface DriftOptions {
  readonly environment?: string;
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** `slipway drift`: exit status 0 when nothing is apart, 1 when something is. */
export const drift: Action<DriftOptions> = (context, services, options) =>
  withSession(context, 'engine', async (session) => {
    await requireNames(session, services);
    const view = await confirmed(session, { yes: options.yes === true }, (consents) =>
      session.client.production.drift({
        workspace: session.workspace,
        environment: options.environment,
        consents: [...consents],
      }),
    );
    const rows =
      services.length === 0 ? view.rows : view.rows.filter(({ service }) => services.includes(service ?? ''));
    session.output.document({ ...view, rows });
    session.output.line(driftText({ ...view, rows }, options.all === true));
    return rows.every(({ state }) => state === 'same' || state === 'onlyHere') ? 0 : 1;
  });

/** A name of an environment, given where a service's belongs, is the likeliest slip here. */
async function requireNames(session: Session, services: readonly string[]): Promise<void> {
  try {
    requireServices(session, services);
  } catch (thrown) {
    const { client, workspace } = session;
    const { environments } = await asked(client.production.view({ workspace }));
    const named = environments.find(({ name }) => services.includes(name));
    if (named === undefined || !isKind(thrown, 'notFound')) throw thrown;
    throw new AppFailure({
      ...thrown.error,
      hint: `An environment is chosen with --environment ${named.name}.`,
    });
  }
}

function driftText(view: DriftView, all: boolean): string {
  const rows = view.rows.map((row) => [
    row.service ?? '',
    row.here ?? '',
    row.there ?? '',
    WORDS[row.state],
    row.words,
  ]);
  const details = view.rows.flatMap((row) => (all ? detailsOf(row) : []));
  const more = view.rows.filter(({ config }) => config.length > 0).length;
  return [
    formatTable(['SERVICE', 'HERE', view.environment.toUpperCase(), 'STATE', ''], rows),
    ...details,
    ...(more > 0 && !all ? [`${more} configured differently: --all shows how.`] : []),
    ...view.problems.map((problem) => `! ${problem}`),
  ].join('\n');
}

const WORDS: Readonly<Record<DriftRow['state'], string>> = {
  same: 'same',
  behind: 'behind',
  ahead: 'ahead',
  differentBuild: 'different build',
  differentImage: 'different image',
  versionApart: 'version apart',
  onlyHere: 'only here',
  onlyThere: 'only there',
  unknown: 'not known',
};

function detailsOf({ service, config }: DriftRow): readonly string[] {
  return config.length === 0 ? [] : [`\n${service}:`, ...config.map((entry) => `  ${differenceText(entry)}`)];
}

function differenceText(entry: ConfigDifferenceView): string {
  if ('onlyHere' in entry) {
    const parts = [
      entry.onlyHere.length > 0 ? `only here ${entry.onlyHere.join(', ')}` : '',
      entry.onlyThere.length > 0 ? `only there ${entry.onlyThere.join(', ')}` : '',
    ];
    return `${entry.aspect}: ${parts.filter(Boolean).join('; ')}`;
  }
  return `${entry.aspect}: ${entry.here ?? 'none'} here, ${entry.there ?? 'none'} there`;
}

interface SwapOptions {
  readonly environment?: string;
  readonly lease?: string;
  readonly env?: readonly string[];
  readonly keepMounts?: boolean;
  readonly keepCommand?: boolean;
  readonly idle?: boolean;
  readonly debugger?: 'node' | 'jdwp' | 'debugpy' | 'delve';
  readonly debugPort?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `slipway swap SERVICE [IMAGE]` */
export const swap: Action<SwapOptions> = async (context, [service = '', image], options) => {
  const request = (session: Session, consents: readonly string[]) => ({
    workspace: session.workspace,
    service,
    image,
    environment: options.environment,
    keepMounts: options.keepMounts,
    keepCommand: options.keepCommand,
    debug: { idle: options.idle, debugger: options.debugger, port: options.debugPort },
    values: valuesOf(options.env ?? [], process.env),
    consents: [...consents],
  });
  if (options.dryRun)
    return withSession(context, 'engine', async (session) => {
      const plan = await confirmed(session, { yes: options.yes === true }, (consents) =>
        session.client.production.swapPlan(request(session, consents)),
      );
      session.output.document(plan);
      session.output.line(planText(plan));
      return 0;
    });
  const leaseMs = leaseOf(options.lease);
  return runToEnd(
    context,
    (session) =>
      confirmed(session, { yes: options.yes === true }, (consents) =>
        session.client.production.swap({ ...request(session, consents), leaseMs }),
      ),
    async (session) => {
      const swapped = serviceRecords(session).find(({ name }) => name === service)?.swap;
      for (const line of debugLines(service, swapped?.debug)) session.output.note(line);
      return {};
    },
  );
};

function debugLines(service: string, debug: SwapDebug): readonly string[] {
  return [
    ...(debug?.startByHand
      ? [`It sleeps. Start it by hand: slipway exec ${service} ${debug.startByHand}`]
      : []),
    ...(debug?.title ? [`${debug.title} listens on 127.0.0.1:${debug.hostPort}.`] : []),
  ];
}

type SwapDebug = NonNullable<ServiceRecord['swap']>['debug'];

/** `slipway diff SERVICE`: what its container has changed against its image. */
export const diff: Action<object> = (context, [service = '']) =>
  withSession(context, 'engine', async ({ client, workspace, output }) => {
    const view = await asked(client.production.changes({ workspace, service }));
    output.document(view);
    const sign = { added: 'A', modified: 'C', deleted: 'D' } as const;
    output.line(view.changes.map(({ path, kind }) => `${sign[kind]} ${path}`).join('\n'));
    if (view.more > 0) output.note(`and ${view.more} more`);
    return 0;
  });

/** `slipway unswap SERVICE` */
export const unswap: Action<object> = (context, [service = '']) =>
  runToEnd(context, (session) => session.client.production.unswap({ workspace: session.workspace, service }));

function planText(plan: SwapPlanView): string {
  return [
    `${plan.service}: ${plan.fromImage} to ${plan.toImage}`,
    ...plan.steps.map(({ label, cause }, index) => `${String(index + 1).padStart(2)}  ${label} (${cause})`),
    ...plan.notes.map((note) => `    ${note}`),
    ...(plan.onMachine || plan.downloadBytes === undefined
      ? []
      : [`    ${describeBytes(plan.downloadBytes)} to pull.`]),
    ...(plan.missing.length === 0
      ? []
      : [
          `    Production also sets ${plan.missing.join(', ')}: give values with -e NAME=VALUE; they are kept in ${plan.valuesFile}.`,
        ]),
    `It ends after ${describeDuration(plan.leaseMs)}, or: ${plan.undo}`,
  ].join('\n');
}

/** `2h`, `30m`, `1d`, `none`. */
export function leaseOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const [, count, unit] = /^(\d{1,4})(m|h|d)$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * (UNITS_MS[unit] ?? 0);
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'lease',
    message: `--lease wants a span such as 30m, 2h or 1d, or none, not ${text}.`,
  });
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `NAME=VALUE`, or `NAME` for the value of this shell: a secret then stands in no command line. */
function valuesOf(entries: readonly string[], environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const [, name = entry, value] = /^([^=]+)=(.*)$/s.exec(entry) ?? [];
      const found = value ?? environment[name];
      if (found !== undefined) return [name, found];
      throw new AppFailure({
        kind: 'input.invalid',
        field: 'env',
        message: `${name} has no value: write -e ${name}=VALUE, or set ${name} in this shell.`,
      });
    }),
  );
}
