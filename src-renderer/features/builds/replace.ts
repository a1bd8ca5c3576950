import type { ServiceRecord } from '#contract/model.ts';
import { attempt } from '#state/actions.ts';
import type { WindowModel } from '#state/windowModel.ts';

/** Builds a service and replaces its containers, and touches no other. */
export function replace(
  model: WindowModel,
  { workspace, name }: Pick<ServiceRecord, 'workspace' | 'name'>,
): void {
  void attempt(model, `Replacing ${name}`, model.client.builds.replace({ workspace, service: name }));
}
