import type { ComponentProps } from 'react';

/**
 * Parts of an ARIA grid. Rows that are placed one by one, as virtual ones are, cannot be a table's elements; the roles go in
 * as properties because of that.
 */
interface GridProps extends ComponentProps<'div'> {
  readonly label: string;
  readonly rows: number;
}

export function Grid({ label, rows, ...rest }: GridProps) {
  const aria = { role: 'grid', 'aria-label': label, 'aria-rowcount': rows };
  return <div {...aria} {...rest} />;
}

interface GridRowProps extends ComponentProps<'div'> {
  readonly current: boolean;
  readonly index: number;
}

/** The current row is where Tab enters the grid. */
export function GridRow({ current, index, ...rest }: GridRowProps) {
  const aria = { role: 'row', 'aria-rowindex': index + 1, 'aria-selected': current };
  return <div {...aria} tabIndex={current ? 0 : -1} {...rest} />;
}

interface CellProps extends ComponentProps<'span'> {
  /** Names its row. */
  readonly header?: boolean;
}

export function Cell({ header, ...rest }: CellProps) {
  const aria = { role: header ? 'rowheader' : 'gridcell' };
  return <span {...aria} {...rest} />;
}
