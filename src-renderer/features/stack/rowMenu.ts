import type { ServiceRecord } from '#contract/model.ts';
import type { WindowModel } from '#state/windowModel.ts';
import type { MenuEntry } from '#ui/Menu.tsx';

/** All that can be done with a service now, a line between groups. */
export function menuEntries(model: WindowModel, service: ServiceRecord): readonly MenuEntry[] {
  const actions = model.registry.serviceActions.filter((action) => action.available(service));
  return actions.flatMap((action, index): MenuEntry[] => {
    const before = actions[index - 1];
    const line: MenuEntry[] =
      before && before.group !== action.group ? [{ type: 'line', id: `line:${action.id}` }] : [];
    const { id, title, icon, keys, look } = action;
    return [
      ...line,
      { type: 'item', id, text: title, icon, keys, look, run: () => action.run(model, service) },
    ];
  });
}

/** Runs an action by its id, where it makes sense now. */
export function runAction(model: WindowModel, service: ServiceRecord, id: string): void {
  const action = model.registry.serviceActions.find((entry) => entry.id === id);
  if (action?.available(service)) action.run(model, service);
}

/** Runs the action that has this key. Was there one? */
export function runKey(model: WindowModel, service: ServiceRecord, key: string): boolean {
  const action = model.registry.serviceActions.find(
    (entry) => entry.keys === key && entry.available(service),
  );
  action?.run(model, service);
  return action !== undefined;
}
