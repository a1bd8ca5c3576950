import { AppFailure, toAppError } from '#contract/errors.ts';
import type { ExecOutcome } from '#contract/requests/terminal.ts';
import { ABSENT_PROGRAM } from '#run/failures/processRules.ts';
import type { Workspace } from './workspace.ts';

/** Of one container: what a reader can take in. */
const OUTPUT_LIMIT_BYTES = 256 * 1024;
const DEFAULT_TIMEOUT_MS = 60_000;
/** As shells say it: the command could not be run at all, or is not there. */
const NOT_RUN = 126;
const NOT_FOUND = 127;

/** One command in one running container of each service, all at once. What fails in one is that one's outcome. */
export async function execMany(
  workspace: Workspace,
  request: {
    readonly services: readonly string[];
    readonly command: readonly string[];
    readonly user?: string | undefined;
    readonly timeoutMs?: number | undefined;
  },
  signal: AbortSignal | undefined,
): Promise<readonly ExecOutcome[]> {
  const timeout = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  return Promise.all(
    request.services.map((service) => execOne(workspace, service, { ...request, signal: either })),
  );
}

async function execOne(
  workspace: Workspace,
  service: string,
  request: {
    readonly command: readonly string[];
    readonly user?: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<ExecOutcome> {
  let replica = 0;
  try {
    const container = workspace.replica(service);
    replica = container.number;
    const result = await workspace
      .engine()
      .exec(container.id, { ...request, limitBytes: OUTPUT_LIMIT_BYTES });
    const output = new TextDecoder().decode(Buffer.concat([result.stdout, result.stderr]));
    return {
      service,
      replica,
      exitCode: result.exitCode,
      output: absentProgram(result.exitCode, output) ?? output,
      truncated: result.truncated,
    };
  } catch (thrown) {
    if (!(thrown instanceof AppFailure) && !request.signal.aborted) throw thrown;
    return { service, replica, exitCode: NOT_RUN, output: toAppError(thrown).message, truncated: false };
  }
}

/** The engine's own words for a program that is not in the image stand where its output would; said for people. */
function absentProgram(exitCode: number, output: string): string | undefined {
  if (exitCode !== NOT_RUN && exitCode !== NOT_FOUND) return undefined;
  if (!output.startsWith('OCI runtime exec failed: ')) return undefined;
  const program = ABSENT_PROGRAM.exec(output)?.[1];
  if (program === undefined) return undefined;
  const otherwise = program === 'sh' ? " A shell from the service's menu brings a toolbox of its own." : '';
  return `There is no ${program} in this image.${otherwise}`;
}
