import { AppFailure } from '#contract/errors.ts';
import type { ExecRequest } from '#engine/streams.ts';
import { runAttached } from '../attached.ts';
import type { Action } from '../program.ts';
import { type Session, withSession } from '../session.ts';

interface InsideOptions {
  readonly user?: string;
  readonly workdir?: string;
  readonly index?: number;
}
interface ExecOptions extends InsideOptions {
  /** false with -T. */
  readonly tty?: boolean;
  readonly detach?: boolean;
  readonly env?: readonly string[];
  readonly privileged?: boolean;
}

/** bash where there is one, else sh. `exec` so that the shell gets the signals. */
const SHELL = ['/bin/sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash || exec sh'];

/** `slipway exec SERVICE COMMAND…`: exits with the command's own status. */
export const exec: Action<ExecOptions> = (context, [service = '', ...command], options) =>
  withSession(context, 'engine', (session) =>
    inside(session, { service, command, options, tty: options.tty !== false && isTerminal() }),
  );

/** `slipway shell SERVICE` */
export const shell: Action<InsideOptions> = (context, [service = ''], options) =>
  withSession(context, 'engine', (session) =>
    inside(session, { service, command: SHELL, options, tty: isTerminal() }),
  );

function isTerminal(): boolean {
  return Boolean(process.stdin.isTTY && process.stdout.isTTY);
}

async function inside(
  session: Session,
  asked: {
    readonly service: string;
    readonly command: readonly string[];
    readonly options: ExecOptions;
    readonly tty: boolean;
  },
): Promise<number> {
  const { service, command, options, tty } = asked;
  const workspace = session.core.workspaces.get(session.workspace);
  const container = workspace.replica(service, options.index);
  if (container.state !== 'running') throw notRunning(service);
  const request: ExecRequest = {
    command,
    user: options.user,
    workingDir: options.workdir,
    env: [...(options.env ?? []), ...(tty && process.env['TERM'] ? [`TERM=${process.env['TERM']}`] : [])],
    privileged: options.privileged,
  };
  const opened = await workspace
    .engine()
    .openExec(container.id, { ...request, tty, stdin: options.detach !== true });
  if (options.detach) {
    opened.close();
    return 0;
  }
  const status = await runAttached(opened, { tty, output: session.output });
  session.output.document({ service, replica: container.number, exitCode: status });
  return status;
}

function notRunning(service: string): AppFailure {
  return new AppFailure({
    kind: 'notFound',
    what: `running container of ${service}`,
    message: `${service} is not running.`,
    hint: `slipway up ${service} starts it.`,
  });
}
