import type { AppError } from './errors.ts';
import type { Condition, ServiceRecord, ServiceStatus } from './model.ts';
import type { BuildView } from './requests/builds.ts';
import type { MemoryFit } from './requests/memory.ts';
import type { StepKind } from './runModel.ts';
import { unreachable } from './unreachable.ts';

/**
 * What a service is doing, in words, the same on every screen and in the terminal; of one that did not come up, the cause that its
 * card has found, and the engine's own words only where there is none. `now`: milliseconds.
 */
export function describeState(
  { status, failure }: Pick<ServiceRecord, 'status' | 'failure'>,
  now: number,
): string {
  const isExplained = status.type === 'failed' && failure && failure.explanation !== status.error.message;
  return isExplained ? failure.title : describeStatus(status, now);
}

/** The same without a cause. */
export function describeStatus(status: ServiceStatus, now: number): string {
  switch (status.type) {
    case 'absent':
      return 'not created';
    case 'created':
      return 'created, not started';
    case 'waiting':
      return `waits for ${status.for.map((entry) => `${entry.service}: ${describeCondition(entry.condition)}`).join(', ')}`;
    case 'working':
      return [describeStep(status.on), status.progress?.text, status.note].filter(Boolean).join(' · ');
    case 'starting':
      return describeStarting(status, now);
    case 'running':
      return describeRunning(status, now);
    case 'unhealthy':
      return `unhealthy for ${describeDuration(now - status.since)}${lastLine(status.lastHealth?.output)}`;
    case 'restarting':
      return `restarting · ${describeTimes(status.times)} so far · ${describeExit(status.exitCode, false)}`;
    case 'paused':
      return 'paused';
    case 'done':
      return `done · exited 0 in ${describeTook(status.tookMs)}`;
    case 'stopped':
      return `stopped ${describeDuration(now - status.at)} ago`;
    case 'exited':
      return `${describeExit(status.exitCode, status.oomKilled)} · ${describeDuration(now - status.at)} ago${status.restarts > 0 ? ` · restarted ${describeTimes(status.restarts)}` : ''}`;
    case 'failed':
      return status.error.message;
    default:
      return unreachable(status);
  }
}

function describeStarting(status: Extract<ServiceStatus, { type: 'starting' }>, now: number): string {
  const since = describeDuration(now - status.since);
  const last = status.lastHealth;
  if (last === undefined) return `starting for ${since} · not checked yet`;
  return `starting for ${since} · its check ${last.exitCode === 0 ? 'passed' : 'fails'}${lastLine(last.output)}`;
}

function describeRunning(status: Extract<ServiceStatus, { type: 'running' }>, now: number): string {
  if (status.health === 'healthy')
    return status.healthySince === undefined
      ? `healthy, running for ${describeDuration(now - status.since)}`
      : `healthy for ${describeDuration(now - status.healthySince)}`;
  return `running for ${describeDuration(now - status.since)}`;
}

function lastLine(output: string | undefined): string {
  const line = output?.trim().split('\n').at(-1)?.trim();
  return line ? `: ${line.slice(0, 160)}` : '';
}

/** The dot beside it: what colour and shape a state has. Never the only sign. */
export function toneOf(
  service: Pick<ServiceRecord, 'status' | 'disabled'>,
): 'ok' | 'wait' | 'fail' | 'off' | 'done' {
  switch (service.status.type) {
    case 'running':
      return service.status.health === 'unhealthy' ? 'fail' : 'ok';
    case 'waiting':
    case 'working':
    case 'starting':
      return 'wait';
    case 'unhealthy':
    case 'restarting':
    case 'exited':
    case 'failed':
      return 'fail';
    case 'done':
      return 'done';
    case 'absent':
    case 'created':
    case 'paused':
    case 'stopped':
      return 'off';
    default:
      return unreachable(service.status);
  }
}

export function describeCondition(condition: Condition): string {
  switch (condition) {
    case 'service_started':
      return 'started';
    case 'service_healthy':
      return 'healthy';
    case 'service_completed_successfully':
      return 'done';
    default:
      return unreachable(condition);
  }
}

/** `once`, `4 times`. */
export function describeTimes(times: number): string {
  return times === 1 ? 'once' : `${times} times`;
}

/** The exit code in words. Codes above 128 are signals; source: POSIX shells and `docker run`. */
export function describeExit(exitCode: number, oomKilled: boolean): string {
  if (oomKilled) return `exited ${exitCode}: killed, out of memory`;
  const words = EXIT_WORDS[exitCode];
  return words === undefined ? `exited ${exitCode}` : `exited ${exitCode}: ${words}`;
}

const EXIT_WORDS: Readonly<Record<number, string>> = {
  125: 'the engine could not run it',
  126: 'command not executable',
  127: 'command not found',
  129: 'hung up (SIGHUP)',
  130: 'interrupted (SIGINT)',
  132: 'illegal instruction, often the wrong architecture (SIGILL)',
  134: 'aborted (SIGABRT)',
  135: 'bus error (SIGBUS)',
  136: 'arithmetic error (SIGFPE)',
  137: 'killed (SIGKILL)',
  139: 'crashed, segmentation fault (SIGSEGV)',
  141: 'broken pipe (SIGPIPE)',
  143: 'terminated (SIGTERM)',
  255: 'exit status out of range',
};

export function describeStep(kind: StepKind): string {
  return STEP_WORDS[kind];
}

const STEP_WORDS: Readonly<Record<StepKind, string>> = {
  createNetwork: 'creating the network',
  createVolume: 'creating the volume',
  pull: 'pulling the image',
  build: 'building',
  create: 'creating',
  start: 'starting',
  await: 'waiting',
  stop: 'stopping',
  remove: 'removing',
  rename: 'renaming',
  removeNetwork: 'removing the network',
  removeVolume: 'removing the volume',
  restart: 'restarting',
  hook: 'running its hook',
  dump: 'dumping the data',
  restore: 'restoring the data',
  verify: 'comparing the data',
  copy: 'copying the data',
  other: 'working',
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something is still kept, in whole days where there is more than one: never less than it is. */
export function describeKept(ms: number): string {
  const days = Math.ceil(ms / DAY);
  return days > 1 ? `${days} d` : describeDuration(ms);
}

/** `just now`, `12 s ago`, `3 d ago`. */
export function describeAgo(ms: number): string {
  return ms < 5 * SECOND ? 'just now' : `${describeDuration(ms)} ago`;
}

/** `0.4 s`, `4.1 s`, `52 s`, `12 min`, `1 h 52 min`, `3 d`. */
export function describeDuration(ms: number): string {
  const span = Math.max(0, ms);
  if (span < 10 * SECOND) return `${(span / SECOND).toFixed(1)} s`;
  if (span < MINUTE) return `${Math.round(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) return `${Math.floor(span / HOUR)} h ${Math.floor((span % HOUR) / MINUTE)} min`;
  return `${Math.floor(span / DAY)} d`;
}

/** How long something took, to be compared with another time: up to ten minutes with its seconds, `1 min 58 s`. */
export function describeTook(ms: number): string {
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60 || ms >= 10 * MINUTE) return describeDuration(ms);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `9 MB`, `1.2 GB`: decimal units, as the engine's own tools print image sizes. */
export function describeBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit >= 2 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A limit as one writes it, in powers of 1024 where it is one of them; else as other sizes. */
export function describeLimit(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  if (!Number.isInteger(mebibytes)) return describeBytes(bytes);
  const gibibytes = mebibytes / 1024;
  return gibibytes >= 1 && Number.isInteger(gibibytes * 4) ? `${gibibytes} GiB` : `${mebibytes} MiB`;
}

/** Why a boot will probably not fit, and what to do. */
export function describeShortage(fit: Pick<MemoryFit, 'neededBytes' | 'freeBytes'>): string {
  return (
    `What is to start takes about ${describeBytes(fit.neededBytes)}, and the machine has ${describeBytes(fit.freeBytes)} left. ` +
    'Stop what you do not need, boot fewer services, or lower the limits.'
  );
}

/** Why a build could not take everything from the cache. */
export function describeMissed(missed: NonNullable<BuildView['missed']>): string {
  const { line, files, moreFiles, costMs } = missed;
  const more = moreFiles > 0 ? ` and ${moreFiles} more` : '';
  const why = files.length > 0 ? `${files.join(', ')}${more} changed` : 'it, or what it builds on, changed';
  return `Line ${line} and what follows were done anew, ${describeTook(costMs)} of work: ${why}.`;
}

/** Where it is; empty for a message that says so itself. */
function placeOf(error: AppError): string {
  if (!('at' in error) || error.at === undefined) return '';
  const { file, line, column } = error.at;
  return error.message.includes(`:${line}:${column}`) ? '' : `${file}:${line}:${column}: `;
}

/** An error on one or more lines of plain text: place, what happened, what to do. */
export function describeError(error: AppError): string {
  const at = placeOf(error);
  const hint = error.hint ? `\n  ${error.hint}` : '';
  if (error.kind === 'run.failed') {
    return [
      error.message,
      ...error.failures.map(({ service, error: own }) => `  ${withName(service, describeError(own))}`),
    ].join('\n');
  }
  return `${at}${error.message}${hint}`;
}

/** Most messages say already whose they are. */
function withName(service: string | undefined, text: string): string {
  return service === undefined || text.startsWith(`${service} `) ? text : `${service}: ${text}`;
}
