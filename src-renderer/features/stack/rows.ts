import { describeState, toneOf } from '#contract/describe.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';

/** One line of the list. */
export type ListRow =
  | { readonly type: 'group'; readonly id: string; readonly title: string; readonly count: number }
  | { readonly type: 'service'; readonly id: string; readonly name: ServiceName };

interface Wanted {
  readonly filter: string;
  readonly group: 'none' | 'state';
}

const GROUPS = [
  { id: 'fail', title: 'Failed' },
  { id: 'wait', title: 'On the way' },
  { id: 'ok', title: 'Running' },
  { id: 'done', title: 'Done' },
  { id: 'off', title: 'Stopped' },
] as const;

/** The lines to show: what the filter leaves, in the order of the file, in groups where wanted. */
export function listRows(services: readonly ServiceRecord[], wanted: Wanted): readonly ListRow[] {
  const left = services.filter((service) => matches(service, wanted.filter));
  if (wanted.group === 'none') return left.map(row);
  return GROUPS.flatMap(({ id, title }): ListRow[] => {
    const members = left.filter((service) => toneOf(service) === id);
    if (members.length === 0) return [];
    return [{ type: 'group', id: `group:${id}`, title, count: members.length }, ...members.map(row)];
  });
}

function row(service: ServiceRecord): ListRow {
  return { type: 'service', id: service.name, name: service.name };
}

/** Every word of the filter stands in its name, its image or what it is doing. */
function matches(service: ServiceRecord, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = `${service.name} ${service.image} ${service.middleware?.product ?? ''} ${service.status.type} ${describeState(service, 0)}`;
  return words.every((word) => text.toLowerCase().includes(word));
}

/** The same lines in the same order? Records change all the time; lines seldom do. */
export function sameRows(left: readonly ListRow[], right: readonly ListRow[]): boolean {
  return (
    left.length === right.length &&
    left.every((entry, index) => {
      const other = right[index];
      if (entry.id !== other?.id) return false;
      return entry.type !== 'group' || (other.type === 'group' && other.count === entry.count);
    })
  );
}
