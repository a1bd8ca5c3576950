import { unreachable } from '#contract/unreachable.ts';
import type { Plan, PlanWarning, Step } from './plan.ts';

/** The plan as text, one line a step, then its hazards and warnings: what the tests compare and `slipway plan` prints. */
export function formatPlan(plan: Plan): string {
  return [
    ...plan.steps.map(formatStep),
    ...plan.hazards.map((hazard) => `! ${hazard.severity} ${hazard.id}: ${hazard.message}`),
    ...plan.warnings.map((warning) => `~ ${formatWarning(warning)}`),
  ].join('\n');
}

/** `api: started without cache, which is not enabled`. */
export function formatWarning({ service, message }: PlanWarning): string {
  return service === undefined ? message : `${service}: ${message}`;
}

/** `[1,2] -> #3 createContainer shop-db-1, no existing container`. */
export function formatStep(step: Step): string {
  return `[${step.after.join(',')}] -> #${step.index} ${words(step)}, ${step.cause}`;
}

/** What the engine gives a container that nobody set a time for. */
const USUAL_GRACE_SECONDS = 10;

/** What the step does, for a reader: `create container shop-api-1`. */
export function stepLabel(step: Step): string {
  switch (step.kind) {
    case 'createNetwork':
      return `create network ${step.body.Name}`;
    case 'createVolume':
      return `create volume ${step.body.Name}`;
    case 'pull':
      return `pull ${step.image}`;
    case 'build':
      return `build ${step.image}`;
    case 'create':
      return `create container ${step.name}`;
    case 'start':
      return `start ${step.container.name}`;
    case 'await':
      return `wait for ${step.service}: ${step.condition}`;
    case 'stop':
      return `stop ${step.container.name} (grace ${step.graceSeconds ?? USUAL_GRACE_SECONDS} s)`;
    case 'remove':
      return `remove container ${step.container.name}`;
    case 'rename':
      return `rename ${step.container.name} to ${step.to}`;
    case 'restart':
      return `restart ${step.container.name}`;
    case 'removeNetwork':
      return `remove network ${step.name}`;
    case 'removeVolume':
      return `remove volume ${step.name}`;
    case 'hook':
      return `run the ${step.when === 'postStart' ? 'post_start' : 'pre_stop'} hook of ${step.container.name}`;
    case 'other':
      return step.label;
    default:
      return unreachable(step);
  }
}

function words(step: Step): string {
  switch (step.kind) {
    case 'createNetwork':
      return `createNetwork ${step.body.Name}`;
    case 'createVolume':
      return `createVolume ${step.body.Name}`;
    case 'pull':
      return `pull ${step.image}`;
    case 'build':
      return `build ${step.service}`;
    case 'create':
      return `createContainer ${step.name}`;
    case 'start':
      return `startContainer ${step.container.name}`;
    case 'await':
      return `awaitCondition ${step.service} ${step.condition}${step.required ? '' : ' (optional)'}`;
    case 'stop':
      return `stopContainer ${step.container.name}`;
    case 'remove':
      return `removeContainer ${step.container.name}`;
    case 'rename':
      return `renameContainer ${step.container.name} -> ${step.to}`;
    case 'restart':
      return `restartContainer ${step.container.name}`;
    case 'removeNetwork':
      return `removeNetwork ${step.name}`;
    case 'removeVolume':
      return `removeVolume ${step.name}`;
    case 'hook':
      return `hook ${step.container.name} ${step.when}`;
    case 'other':
      return step.label;
    default:
      return unreachable(step);
  }
}
