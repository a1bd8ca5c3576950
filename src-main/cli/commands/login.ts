import { AppFailure } from '#contract/errors.ts';
import type { Action } from '../program.ts';
import { askTerminal, type Echo } from '../questions.ts';
import { asked, withCore } from '../session.ts';

interface LoginOptions {
  readonly username?: string;
  readonly passwordStdin?: boolean;
}

const HUB = 'docker.io';

/** `slipway login [REGISTRY]`. There is no option for the password: it would stand in the list of processes. */
export const login: Action<LoginOptions> = (context, [registry = HUB], options) =>
  withCore(async (_core, client) => {
    const username = options.username ?? (await ask('Username: ', { echo: 'shown', signal: context.signal }));
    const password = options.passwordStdin
      ? await readAll(process.stdin)
      : await ask('Password: ', { echo: 'hidden', signal: context.signal });
    const kept = await asked(client.production.login({ registry, username, password }));
    context.output.document(kept);
    context.output.line(`Logged in to ${registry} as ${username}.`);
    context.output.note(
      kept.inClear
        ? `This machine has no credential store: ${kept.keptIn} holds the password in clear, as docker login does.`
        : `The password is kept by ${kept.keptIn}.`,
    );
    return 0;
  });

/** `slipway logout [REGISTRY]` */
export const logout: Action<object> = (context, [registry = HUB]) =>
  withCore(async (_core, client) => {
    const { removed } = await asked(client.production.logout({ registry }));
    context.output.document({ registry, removed });
    context.output.line(removed ? `Logged out of ${registry}.` : `There was no login to ${registry}.`);
    return 0;
  });

async function ask(
  question: string,
  { echo, signal }: { readonly echo: Echo; readonly signal: AbortSignal },
): Promise<string> {
  if (!process.stdin.isTTY)
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'password',
      message: 'There is no terminal to ask on.',
      hint: 'Give -u NAME --password-stdin, and the password on standard input.',
    });
  return askTerminal(question, { echo, signal });
}

/** One line feed at the end is the shell's, not the password's. */
async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
