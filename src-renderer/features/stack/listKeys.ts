import type { ServiceName } from '#contract/ids.ts';
import type { ListRow } from './rows.ts';

const PAGE = 10;

/** Where a key moves the selection to; nothing for keys that do not move it. */
export function nextSelection(
  rows: readonly ListRow[],
  selected: ServiceName | undefined,
  key: string,
): ServiceName | undefined {
  const names = rows.flatMap((row) => (row.type === 'service' ? [row.name] : []));
  const target = indexFor(key, selected === undefined ? -1 : names.indexOf(selected), names.length);
  return target === undefined ? undefined : names[Math.min(names.length - 1, Math.max(0, target))];
}

function indexFor(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return at + 1;
    case 'ArrowUp':
    case 'k':
      return at - 1;
    case 'PageDown':
      return at + PAGE;
    case 'PageUp':
      return at - PAGE;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
