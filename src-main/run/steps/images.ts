import { AppFailure, isKind } from '#contract/errors.ts';
import type { BuildOutput } from '#engine/builds.ts';
import type { BuildStep, PullStep } from '#plan/plan.ts';
import type { StepReport } from '../effects.ts';
import { PullMeter } from '../pullMeter.ts';
import type { StepContext } from './stepContext.ts';

/** Pulls an image and remembers its id. */
export async function pullImage(
  step: PullStep,
  context: StepContext,
  report: StepReport,
): Promise<string | undefined> {
  const meter = new PullMeter(context.clock, report.progress);
  const pull =
    context.pullImage ?? ((request) => context.engine.pullImage({ reference: request.image, ...request }));
  try {
    await pull({
      image: step.image,
      platform: step.platform,
      services: step.services,
      onProgress: (progress) => meter.apply(progress),
      signal: context.signal,
    });
  } catch (thrown) {
    if (step.onFailure === 'fail' || isKind(thrown, 'cancelled') || !(thrown instanceof AppFailure))
      throw thrown;
    await rememberImage(step, context);
    return `kept the image that is here: ${thrown.error.message}`;
  }
  await rememberImage(step, context);
  return undefined;
}

export async function buildImage(
  step: BuildStep,
  context: StepContext,
  report: StepReport,
): Promise<string | undefined> {
  if (context.buildService === undefined)
    throw new AppFailure({ kind: 'internal', message: `Nothing here can build ${step.service}.` });
  await context.buildService({
    service: step.service,
    image: step.image,
    onOutput: (output) => buildProgress(output, report),
    signal: context.signal,
  });
  await rememberImage(step, context);
  return undefined;
}

function buildProgress(output: BuildOutput, report: StepReport): void {
  if (output.type !== 'step' || output.status !== 'started') return;
  const done = /^\[[^\]]*?(\d+)\/(\d+)\]/.exec(output.name);
  report.progress({
    current: Number(done?.[1] ?? 0),
    ...(done?.[2] === undefined ? {} : { total: Number(done[2]) }),
    unit: 'steps',
    text: output.name,
  });
}

async function rememberImage(step: PullStep | BuildStep, context: StepContext): Promise<void> {
  const image = await context.engine.inspectImage(step.image, { signal: context.signal });
  if (image !== undefined) context.images.set(step.index, image.id);
}
