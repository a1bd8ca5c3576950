import { describeTook, toneOf } from '#contract/describe.ts';
import type { EngineStatus, ServiceRecord, WorkspaceRecord } from '#contract/model.ts';
import type { RunRecord, StepRecord } from '#contract/runModel.ts';

/** The stack in one sentence, its parts in the order they matter. */
export interface Summary {
  readonly tone: 'ok' | 'wait' | 'fail' | 'off';
  /** Said in the colour of the tone. */
  readonly lead: string;
  /** What `lead` is about, where there is something to be shown. */
  readonly leadTo?: 'failed' | undefined;
  readonly rest: string;
}

interface Facts {
  readonly workspace: WorkspaceRecord;
  readonly services: readonly ServiceRecord[];
  readonly run: RunRecord | undefined;
  /** Of the run, while it works. */
  readonly steps?: readonly StepRecord[];
  readonly engine: EngineStatus | undefined;
}

/** "8 of 8 ready · booted in 4.1 s", "api failed · 2 wait for it · 5 ready". */
export function summarise({ workspace, services, run, steps = [], engine }: Facts): Summary {
  if (workspace.project.type === 'loading') return { tone: 'wait', lead: '', rest: 'reading the files' };
  if (workspace.project.type === 'invalid')
    return { tone: 'fail', lead: 'the compose file is invalid', rest: '' };
  if (engine?.type === 'unreachable') return { tone: 'fail', lead: 'the engine is away', rest: '' };
  const enabled = services.filter((service) => !service.disabled);
  const failed = enabled.filter(hasFailed);
  if (failed.length > 0) return saySome(failed, enabled);
  if (run && isActive(run)) return { tone: 'wait', lead: '', rest: sayRun(run, steps, enabled) };
  return sayQuiet(workspace, enabled);
}

export function hasFailed(service: ServiceRecord): boolean {
  return !service.disabled && toneOf(service) === 'fail';
}

/** Is somebody still working on it? */
export function isActive(run: RunRecord): boolean {
  return run.status.type === 'running' || run.status.type === 'cancelling';
}

function saySome(failed: readonly ServiceRecord[], enabled: readonly ServiceRecord[]): Summary {
  const [first] = failed;
  const who = failed.length === 1 && first ? first.name : `${failed.length} services`;
  const waiting = enabled.filter((service) => service.status.type === 'waiting').length;
  const parts = [
    waiting > 0 ? `${waiting} wait${waiting === 1 ? 's' : ''}${failed.length === 1 ? ' for it' : ''}` : '',
    `${enabled.filter(isReady).length} ready`,
  ].filter((part) => part !== '');
  return { tone: 'fail', lead: `${who} failed`, leadTo: 'failed', rest: parts.join(' · ') };
}

function sayRun(run: RunRecord, steps: readonly StepRecord[], enabled: readonly ServiceRecord[]): string {
  if (run.status.type === 'cancelling') return 'cancelling';
  if (run.kind !== 'boot') return `${run.title.toLowerCase()} · ${run.stepsDone} of ${run.steps} steps`;
  // What runs may still be asked whether it answers.
  const left = steps.filter(({ status }) => status === 'waiting' || status === 'running');
  const unsure = new Set(left.map(({ service }) => service));
  const ready = enabled.filter((service) => isReady(service) && !unsure.has(service.name));
  return `booting · ${ready.length} of ${enabled.length} ready`;
}

function sayQuiet(workspace: WorkspaceRecord, enabled: readonly ServiceRecord[]): Summary {
  const ready = enabled.filter(isReady).length;
  const running = enabled.filter((service) => service.replicas.some(({ state }) => state === 'running'));
  if (running.length === 0) return { tone: 'off', lead: '', rest: `stopped · ${count(enabled.length)}` };
  const tone = ready === enabled.length ? 'ok' : 'wait';
  const boot = workspace.lastBoot;
  const took = boot?.outcome === 'done' ? ` · booted in ${describeTook(boot.totalMs)}` : '';
  return { tone, lead: '', rest: `${ready} of ${enabled.length} ready${took}` };
}

function count(services: number): string {
  return `${services} service${services === 1 ? '' : 's'}`;
}

/**
 * Has a boot left something to be done? Not where the stack was stopped since: what somebody took down is to be booted, not
 * retried.
 */
export function hasWorkLeft(workspace: WorkspaceRecord, services: readonly ServiceRecord[]): boolean {
  const enabled = services.filter((service) => !service.disabled);
  const runs = enabled.some(({ replicas }) => replicas.some(({ state }) => state === 'running'));
  const { lastBoot, lastRun } = workspace;
  if (lastRun === 'stop' || lastRun === 'down') return runs && enabled.some(({ failure }) => failure);
  // Nothing runs and nobody here has booted it: it may well have been stopped by somebody else.
  if (!runs && lastRun === undefined) return enabled.some(isFailed);
  return (
    enabled.some(({ failure }) => failure) || (lastBoot?.outcome === 'failed' && !enabled.every(isReady))
  );
}

function isFailed({ status }: ServiceRecord): boolean {
  return status.type === 'failed';
}

/** Does it do what it is there for: running and not unhealthy, or finished as it should? */
export function isReady(service: ServiceRecord): boolean {
  const tone = toneOf(service);
  return tone === 'ok' || tone === 'done';
}
