import { AppFailure, isKind } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import { unreachable } from '#contract/unreachable.ts';
import type { HookStep, RemoveStep, StartStep, Step } from '#plan/plan.ts';
import type { StepReport } from '../effects.ts';
import { awaitCondition } from '../readiness.ts';
import { createContainer } from './createContainer.ts';
import { createNetwork, keepOneNetwork } from './createNetwork.ts';
import { buildImage, pullImage } from './images.ts';
import { removeNetwork } from './removeNetwork.ts';
import { containerOf, type StepContext } from './stepContext.ts';

/** Does one step. What it returns is a word worth keeping about how it went. */
export async function performStep(
  step: Step,
  context: StepContext,
  report: StepReport,
): Promise<string | undefined> {
  const { engine, signal } = context;
  switch (step.kind) {
    case 'createNetwork':
      return createNetwork(step, context);
    case 'createVolume':
      await engine.createVolume(step.body, { signal });
      return undefined;
    case 'pull':
      return pullImage(step, context, report);
    case 'build':
      return buildImage(step, context, report);
    case 'create':
      return createContainer(step, context);
    case 'start':
      return start(step, context);
    case 'await':
      return awaitCondition(step, context, report);
    case 'stop':
      await engine.stopContainer(containerOf(context, step.container), { ...grace(step), signal });
      return undefined;
    case 'remove':
      return removeContainer(step, context, report);
    case 'rename':
      await engine.renameContainer(containerOf(context, step.container), step.to, { signal });
      return undefined;
    case 'restart':
      await engine.restartContainer(containerOf(context, step.container), { ...grace(step), signal });
      return undefined;
    case 'removeNetwork':
      return removeNetwork(step, context);
    case 'removeVolume': {
      const note = await keepVolume(step.name, context, report);
      await engine.removeVolume(step.name, { signal });
      return note;
    }
    case 'hook':
      return runHook(step, context);
    case 'other':
      throw new AppFailure({
        kind: 'internal',
        message: `"${step.label}" has its own code and cannot be executed as a step.`,
      });
    default:
      return unreachable(step);
  }
}

function grace(step: {
  readonly graceSeconds?: number | undefined;
  readonly signalName?: string | undefined;
}) {
  return {
    ...(step.graceSeconds === undefined ? {} : { graceSeconds: step.graceSeconds }),
    ...(step.signalName === undefined ? {} : { signalName: step.signalName }),
  };
}

async function start(step: StartStep, context: StepContext): Promise<undefined> {
  const id = containerOf(context, step.container);
  const { engine, signal } = context;
  if (step.how !== 'unpause') await context.checkData?.({ service: step.service, container: id, signal });
  if (step.how === 'unpause') await engine.unpauseContainer(id, { signal });
  else await startOnce(id, context);
}

/** Another tool may have made a second network of a name that this one is to join: with one less, the next try works. */
async function startOnce(id: ContainerId, context: StepContext): Promise<void> {
  const { engine, signal, starts } = context;
  try {
    await starts.measure(id, () => engine.startContainer(id, { signal }));
  } catch (thrown) {
    if (isKind(thrown, 'engine.failed') && thrown.error.transient) {
      const { networkEndpoints } = await engine.inspectContainer(id, { signal });
      for (const network of Object.keys(networkEndpoints)) await keepOneNetwork(network, context);
    }
    throw thrown;
  }
}

/** Volumes without a name go with the container when that is asked for: what they hold is kept first. */
async function removeContainer(
  step: RemoveStep,
  context: StepContext,
  report: StepReport,
): Promise<string | undefined> {
  const id = containerOf(context, step.container);
  const anonymousVolumes = step.anonymousVolumes === 'remove';
  let note: string | undefined;
  if (anonymousVolumes && context.keepVolume) {
    for (const volume of await unnamedVolumes(id, context))
      note = (await keepVolume(volume, context, report)) ?? note;
  }
  await context.engine.removeContainer(id, { force: true, anonymousVolumes, signal: context.signal });
  return note;
}

async function unnamedVolumes(id: ContainerId, { engine, signal }: StepContext): Promise<readonly string[]> {
  try {
    const { mounts } = await engine.inspectContainer(id, { signal });
    return mounts.flatMap(({ type, name }) =>
      type === 'volume' && name !== undefined && /^[0-9a-f]{64}$/.test(name) ? [name] : [],
    );
  } catch (thrown) {
    if (isKind(thrown, 'engine.notFound')) return [];
    throw thrown;
  }
}

async function keepVolume(
  volume: string,
  { keepVolume: keep, signal }: StepContext,
  report: StepReport,
): Promise<string | undefined> {
  return keep?.(volume, {
    signal,
    onBytes: (current) => report.progress({ current, unit: 'bytes', text: 'into the bin' }),
  });
}

async function runHook(step: HookStep, context: StepContext): Promise<undefined> {
  const result = await context.engine.exec(containerOf(context, step.container), {
    command: step.command,
    user: step.user,
    privileged: step.privileged,
    workingDir: step.workingDir,
    env: step.env,
    signal: context.signal,
  });
  if (result.exitCode === 0) return;
  const output = new TextDecoder().decode(result.stderr.length > 0 ? result.stderr : result.stdout);
  throw new AppFailure({
    kind: 'engine.failed',
    status: result.exitCode,
    transient: false,
    message: `The hook of ${step.service} ended with ${result.exitCode}: ${output.trim().slice(0, 2_000)}`,
  });
}
