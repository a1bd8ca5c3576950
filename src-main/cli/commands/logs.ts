import { once } from 'node:events';
import type { LeveledLine } from '#app/readLogs.ts';
import { readLogs } from '#app/readLogs.ts';
import { AppFailure } from '#contract/errors.ts';
import { parseTime } from '../parseTime.ts';
import type { Action } from '../program.ts';
import { type Session, withSession } from '../session.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly tail?: string;
  readonly since?: string;
  readonly until?: string;
  readonly timestamps?: boolean;
  readonly logPrefix?: boolean;
  readonly color?: boolean;
  readonly grep?: string;
  readonly level?: string;
}

/** `slipway logs [SERVICE…]` */
export const logs: Action<LogsOptions> = (context, services, options) =>
  withSession(context, 'engine', async (session) => {
    const workspace = session.core.workspaces.get(session.workspace);
    const print = session.output.json ? printJson : linePrinter(session, options);
    const query = {
      services,
      follow: options.follow === true,
      tail: tailOf(options.tail),
      sinceMs: parseTime(options.since, Date.now()),
      untilMs: parseTime(options.until, Date.now()),
      grep: options.grep,
      levels: options.level?.split(','),
      onUnreadable: ({ service, number }: { readonly service: string; readonly number: number }) =>
        session.output.note(
          `${service}-${number}: the engine cannot read these logs: the container's log driver keeps none (logging.driver in the compose file)`,
        ),
    };
    for await (const line of readLogs(workspace, query, context.signal)) {
      // A reader that is slower than the logs makes them wait.
      if (!print(line)) await once(process.stdout, 'drain');
    }
    return 0;
  });

function tailOf(tail: string | undefined): number | undefined {
  if (tail === undefined || tail === 'all') return undefined;
  if (/^\d{1,9}$/.test(tail)) return Number(tail);
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'tail',
    message: `--tail wants a number or all, not ${tail}.`,
  });
}

type Print = (line: LeveledLine) => boolean;

const printJson: Print = ({ container, time, stream, level, text }) => {
  const { service, number: replica, name } = container;
  const document = { time, service, replica, container: name, stream, level, text: text.toString('utf8') };
  return process.stdout.write(`${JSON.stringify(document)}\n`);
};

/** Colours of the names, one after another; red is left to errors. */
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
const NEW_LINE = Buffer.from('\n');

/** Names as docker compose prints them: `api-1  | …`, as wide as the widest. */
function linePrinter(session: Session, options: LogsOptions): Print {
  const workspace = session.core.workspaces.get(session.workspace);
  const colours = new Map<string, number>();
  const colourful = options.color !== false && process.stdout.isTTY;
  return ({ container, time, text }) => {
    const name = `${container.service}-${container.number}`;
    const width = Math.max(
      name.length,
      ...workspace.containers.map(({ service, number }) => `${service}-${number}`.length),
    );
    if (!colours.has(name)) colours.set(name, COLOURS[colours.size % COLOURS.length] ?? 36);
    const label = `${name.padEnd(width)}  | `;
    const shown = colourful ? `\u001b[${colours.get(name)}m${label}\u001b[0m` : label;
    const prefix = options.logPrefix === false ? '' : shown;
    const stamp = options.timestamps ? `${time} ` : '';
    return process.stdout.write(Buffer.concat([Buffer.from(prefix + stamp), text, NEW_LINE]));
  };
}
