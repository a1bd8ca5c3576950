import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual';

/**
 * The rows that exist: those on screen, and the one where keys go wherever it has been scrolled to. Without it the focus would be
 * lost with it, and Tab would find no way into the list.
 */
export function drawnRows(range: Range, selected: number): number[] {
  const rows = defaultRangeExtractor(range);
  if (selected < 0 || selected >= range.count || rows.includes(selected)) return rows;
  return [...rows, selected].sort((a, b) => a - b);
}
