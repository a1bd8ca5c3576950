import { parseImageReference } from '#base/imageReference.ts';
import { toAppError } from '#contract/errors.ts';
import type { FailedSwitch } from '#contract/requests/versions.ts';
import type { VersionSwitch } from '#middleware/switch/decide.ts';

/** A switch that was taken back, for a person to read when they get to it. */
export function failedSwitch(decision: VersionSwitch, thrown: unknown, at: number): FailedSwitch {
  const error = toAppError(thrown);
  return {
    to: parseImageReference(decision.toImage)?.tag ?? decision.toImage,
    at,
    message: error.message,
    hint: error.hint,
    details: detailsOf(error),
    image: decision.fromImage,
    source: decision.source?.source,
  };
}

/** One that was rolled back at the next start, since the Slipway that ran it was ended in the middle. */
export function cutOffSwitch(decision: VersionSwitch, at: number): FailedSwitch {
  return {
    to: parseImageReference(decision.toImage)?.tag ?? decision.toImage,
    at,
    message: `Slipway was ended while it switched ${decision.service} to ${decision.toImage}. It has been rolled back.`,
    details: [],
    image: decision.fromImage,
    source: decision.source?.source,
  };
}

function detailsOf(error: ReturnType<typeof toAppError>): readonly string[] {
  if (error.kind === 'data.verifyFailed') return error.differences;
  if (error.kind === 'data.dumpFailed') return error.output.split('\n').filter((line) => line !== '');
  if (error.kind === 'run.failed') return error.failures.map((failure) => failure.error.message);
  return [];
}
