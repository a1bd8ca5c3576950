import { AppFailure } from '#contract/errors.ts';
import { debuggerOf } from '#images/debuggers.ts';
import type { DebugChoice } from '#images/debugSwap.ts';
import { freePort } from './freePort.ts';
import type { SwapAsk } from './production.ts';

/** What a swap is asked to be looked into with; undefined where it just runs. A debugger gets a port that is free. */
export async function debugChoice(ask: SwapAsk['debug']): Promise<DebugChoice | undefined> {
  if (ask === undefined || (ask.idle !== true && ask.debugger === undefined)) return undefined;
  const id = ask.debugger;
  const hostPort = id === undefined ? 0 : (ask.port ?? (await freePort(debuggerOf(id).port)));
  return { idle: ask.idle === true, ...(id === undefined ? {} : { debugger: { id, hostPort } }) };
}

/** Throws `input.invalid`: names go into an env file: nothing else may come in with them. */
export function checkNames(values: Readonly<Record<string, string>>): void {
  const bad = Object.keys(values).find((name) => !/^[A-Za-z_][\w.-]*$/.test(name));
  if (bad === undefined) return;
  throw new AppFailure({
    kind: 'input.invalid',
    field: 'values',
    message: `${bad} is no name of a variable.`,
  });
}
