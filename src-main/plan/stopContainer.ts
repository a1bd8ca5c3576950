import { graceSeconds } from './containerBody/containerBody.ts';
import { planHooks } from './hooks.ts';
import type { ObservedContainer } from './observed.ts';
import { asServiceName, existing, type Work } from './work.ts';

/** Stops a container once, its `pre_stop` hooks first. 0 when it does not run. */
export function stopContainer(
  work: Pick<Work, 'input' | 'builder' | 'stopSteps'>,
  container: ObservedContainer,
  why: { readonly cause: string; readonly after: readonly number[] },
): number {
  const known = work.stopSteps.get(container.id);
  if (known !== undefined) return known;
  if (!isUp(container)) return 0;
  const service = work.input.project.services[container.service];
  const target = existing(container);
  const hooks = planHooks(work.builder, container.service, {
    hooks: container.state === 'running' ? (service?.pre_stop ?? []) : [],
    when: 'preStop',
    container: target,
    after: why.after,
  });
  const grace = work.input.options.graceSeconds ?? graceSeconds(service);
  const step = work.builder.add({
    kind: 'stop',
    service: asServiceName(container.service),
    container: target,
    graceSeconds: grace,
    ...(grace === 0 || isKilled(container) ? { atOnce: true } : {}),
    after: [...why.after, hooks],
    cause: why.cause,
  });
  work.stopSteps.set(container.id, step);
  return step;
}

/** Whether it has a process, or will have one again by itself. */
export function isUp(container: ObservedContainer): boolean {
  return container.state === 'running' || container.state === 'paused' || container.state === 'restarting';
}

/** The signal that stops it leaves it no time. As the engine reads signals: with or without `SIG`, or by number. */
function isKilled({ effective }: ObservedContainer): boolean {
  const signal = effective?.config['StopSignal'];
  return typeof signal === 'string' && /^(?:(?:SIG)?KILL|9)$/i.test(signal);
}
