import type { Hook } from '#compose/project.ts';
import type { PlanBuilder } from './builder.ts';
import { environment } from './containerBody/containerBody.ts';
import type { Target } from './plan.ts';
import { asServiceName } from './work.ts';

/** The hooks of a container one after another, in the order of the file. Returns the last step, 0 without hooks. */
export function planHooks(
  builder: PlanBuilder,
  service: string,
  own: {
    readonly hooks: readonly Hook[];
    readonly when: 'postStart' | 'preStop';
    readonly container: Target;
    readonly after: readonly number[];
  },
): number {
  let last = 0;
  for (const hook of own.hooks) {
    last = builder.add({
      kind: 'hook',
      service: asServiceName(service),
      container: own.container,
      when: own.when,
      command: hook.command ?? [],
      user: hook.user,
      privileged: hook.privileged,
      workingDir: hook.working_dir,
      env: environment(hook.environment),
      after: last === 0 ? own.after : [last],
      cause: own.when === 'postStart' ? 'it has a post_start hook' : 'it has a pre_stop hook',
    });
  }
  return last;
}
