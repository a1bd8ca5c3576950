import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { AppFailure } from '#contract/errors.ts';
import { bisect as search, type Verdict } from '../bisect.ts';
import { confirmed } from '../consent.ts';
import { followRun } from '../followRun.ts';
import { callerFolder } from '../globals.ts';
import type { Action } from '../program.ts';
import { asked, type Session, withSession } from '../session.ts';

interface BisectOptions {
  readonly good: string;
  readonly bad?: string;
  readonly environment?: string;
  readonly yes?: boolean;
}

/** `slipway bisect SERVICE --good TAG [--bad TAG] [COMMAND…]`: each release runs here in turn; the local image comes back at the end. */
export const bisect: Action<BisectOptions> = (context, [service = '', ...command], options) =>
  withSession(context, 'engine', async (session) => {
    const { client, workspace, output } = session;
    const asking = { workspace, service, environment: options.environment };
    const { tags, repository } = await confirmed(session, { yes: options.yes === true }, (consents) =>
      client.production.releases({ ...asking, consents: [...consents] }),
    );
    const releases = between(tags, options);
    let swapped = false;
    try {
      const found = await search(releases, async (release, left) => {
        output.note(`${repository}:${release}, ${left} ${left === 1 ? 'try' : 'tries'} to go`);
        swapped = true;
        await run(session, client.production.swap({ ...asking, image: `${repository}:${release}` }));
        return command.length > 0 ? verdictOf(command, session) : askVerdict(session);
      });
      output.document({ service, repository, ...found });
      output.line(`${repository}:${found.bad} is the first that is bad; ${found.good} is good.`);
    } finally {
      if (swapped) await run(session, client.production.unswap({ workspace, service }));
    }
    return 0;
  });

function between(
  tags: readonly string[],
  { good, bad = tags.at(-1) ?? '' }: BisectOptions,
): readonly string[] {
  const [from, to] = [tags.indexOf(good), tags.indexOf(bad)];
  if (from >= 0 && to > from) return tags.slice(from, to + 1);
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'good',
    message: `${good} and ${bad} are not an older and a newer release: there are ${tags.join(', ') || 'none'}.`,
  });
}

/** A release that does not become ready still runs: whether it is bad is the judge's to say. */
async function run(session: Session, begin: PromiseLike<{ readonly run: string }>): Promise<void> {
  const { run: id } = await asked(begin);
  const { status } = await followRun(session, id as never);
  if (status.type === 'cancelled') throw new AppFailure({ kind: 'cancelled', message: 'Cancelled.' });
  if (status.type === 'failed' && !status.error.kind.startsWith('dependency.'))
    throw new AppFailure(status.error);
}

/** Exit status 0 is good, as `git bisect run` has it. */
function verdictOf([program = '', ...args]: readonly string[], { signal }: Session): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const cwd = callerFolder(process.env, process.cwd());
    const child = spawn(program, args, { cwd, stdio: ['ignore', 2, 2], signal });
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 ? 'good' : 'bad'));
  });
}

async function askVerdict({ signal, output }: Session): Promise<Verdict> {
  if (!process.stdin.isTTY || output.json)
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'command',
      message: 'There is no terminal to ask on.',
      hint: 'Give a command whose exit status is 0 when the release is good.',
    });
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = (await prompt.question('Good or bad? [g/b] ', { signal })).trim().toLowerCase();
      if (answer.startsWith('g')) return 'good';
      if (answer.startsWith('b')) return 'bad';
    }
  } finally {
    prompt.close();
  }
}
