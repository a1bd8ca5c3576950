import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Session } from './session.ts';

/** Whether what is typed stands on the screen. */
export type Echo = 'shown' | 'hidden';

/** Puts a question to whoever sits at the terminal; the answer without the spaces around it. */
export type Ask = (question: string, echo?: Echo) => Promise<string>;

/** Undefined where there is nobody to ask: no terminal, or `--json`. */
export function asker(session: Session): Ask | undefined {
  if (!process.stdin.isTTY || session.output.json) return undefined;
  return (question, echo = 'shown') => askTerminal(question, { echo, signal: session.signal });
}

/** Asks on standard error, so that standard output stays the command's. Needs a terminal. */
export async function askTerminal(
  question: string,
  { echo, signal }: { readonly echo: Echo; readonly signal: AbortSignal },
): Promise<string> {
  const hidden = echo === 'hidden';
  // The prompt echoes what is typed through its output: a hidden one has none.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = hidden ? nowhere : process.stderr;
  const prompt = createInterface({ input: process.stdin, output, terminal: true });
  try {
    if (hidden) process.stderr.write(question);
    return (await prompt.question(hidden ? '' : question, { signal })).trim();
  } finally {
    prompt.close();
    if (hidden) process.stderr.write('\n');
  }
}

export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer);
}
