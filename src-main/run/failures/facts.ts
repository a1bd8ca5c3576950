import type { AppError, HealthOutput } from '#contract/errors.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { Fix } from '#contract/model.ts';

/** All that is known of a service that did not come up. */
export interface FailureFacts {
  readonly service: ServiceName;
  readonly image: string;
  /** What the run said. */
  readonly error?: AppError | undefined;
  /** The engine's word on why the container could not start. */
  readonly engineError?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly oomKilled?: boolean | undefined;
  /** The last lines of its log, oldest first. */
  readonly lines: readonly string[];
  readonly lastHealth?: HealthOutput | undefined;
  /** Who waits for it. */
  readonly dependents: readonly ServiceName[];
  /** The names that resolve inside the project. */
  readonly services: readonly string[];
  /** Products that other services of the project are, those it depends on first; `account`: the one that each is made with. */
  readonly middleware?:
    | readonly { readonly service: string; readonly product: string; readonly account?: string | undefined }[]
    | undefined;
  /** It ends and is started again by its policy: how often so far. */
  readonly restarts?: number | undefined;
  readonly unhealthy?: boolean | undefined;
  /** Its healthcheck as it stands in the compose file. */
  readonly check?: string | undefined;
  /** What was to be brought up could not be, and the container from before goes on. */
  readonly stillRuns?: boolean | undefined;
  /** What the image that is here says it is made for, and what the engine runs on: `linux/amd64`. */
  readonly imagePlatform?: string | undefined;
  readonly enginePlatform?: string | undefined;
  readonly memoryLimitBytes?: number | undefined;
  /** Scripts of the user's in this service whose lines end in CR LF, by name. */
  readonly windowsScripts?: readonly string[] | undefined;
  readonly at: number;
}

/** What a rule found: the words and the ways out. */
export interface Diagnosis {
  readonly title: string;
  readonly explanation: string;
  readonly fixes: readonly Fix[];
}

export interface Rule {
  readonly id: string;
  /** undefined: this is not the cause. */
  readonly diagnose: (facts: FailureFacts) => Diagnosis | undefined;
}

export function fix(id: string, label: string, emphasis: Fix['emphasis'] = 'normal', loses?: string): Fix {
  return loses === undefined ? { id, label, emphasis } : { id, label, emphasis, loses };
}

/** Tries again what is left of the boot. Every card has it. */
export const RETRY = fix('retry', 'Retry', 'quiet');
export const STOP = fix('service.stop', 'Stop it');
export const OPEN_LOGS = fix('logs.open', 'Show the log');
export const OPEN_DEFINITION = fix('definition.open', 'Show in the compose file');

/** The first match of a pattern in the log, the newest line first, then in what the engine and the last probe said. */
export function search(facts: FailureFacts, pattern: RegExp): RegExpExecArray | undefined {
  const texts = [...facts.lines].reverse();
  if (facts.engineError !== undefined) texts.push(facts.engineError);
  if (facts.error !== undefined) texts.push(facts.error.message);
  if (facts.lastHealth !== undefined) texts.push(facts.lastHealth.output);
  for (const text of texts) {
    const found = pattern.exec(text);
    if (found) return found;
  }
  return undefined;
}
