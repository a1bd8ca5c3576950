import { AppFailure } from '#contract/errors.ts';
import type { PipeResult } from '../profile.ts';

/** Throws `data.dumpFailed` with the first thing that either side complained about. */
export function check(result: PipeResult, what: string): void {
  if (result.sourceExitCode === 0 && result.targetExitCode === 0) return;
  const output = [result.sourceErrors, result.targetOutput].filter(Boolean).join('\n').trim();
  const side = result.targetExitCode !== 0 ? 'restored' : 'dumped';
  throw notMoved(`${what} could not be ${side}`, output);
}

/** A part of the move that failed, with what its programs said. */
export function notMoved(what: string, output: string): AppFailure {
  const lines = output.split('\n');
  const first = (lines.find((line) => /error|fatal/i.test(line)) ?? lines[0] ?? '').slice(0, 300);
  return new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output,
    message: `Postgres: ${what}: ${first}`,
  });
}
