import { createInterface } from 'node:readline/promises';
import type { Session } from './session.ts';

/** Puts a question to whoever sits at the terminal. */
export type Ask = (question: string) => Promise<string>;

/** Undefined where there is nobody to ask: no terminal, or `--json`. */
export function asker(session: Session): Ask | undefined {
  if (!process.stdin.isTTY || session.output.json) return undefined;
  return async (question) => {
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return (await prompt.question(question, { signal: session.signal })).trim();
    } finally {
      prompt.close();
    }
  };
}

export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer);
}
