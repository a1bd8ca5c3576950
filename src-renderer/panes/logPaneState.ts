import type { LogLine } from '#contract/logBatch.ts';
import type { FieldColumn } from './fieldColumns.ts';
import type { TimeShown } from './lineFormat.ts';
import { type FilterChoice, NO_FILTER } from './logFilters.ts';

/** What the chrome of a log pane shows. */
export interface LogPaneState {
  /** Empty: all. */
  readonly services: readonly string[];
  readonly follow: boolean;
  /** Lines that came while it did not follow. */
  readonly waiting: number;
  readonly time: TimeShown;
  readonly wrap: boolean;
  readonly filter: FilterChoice;
  /** Fields in columns of their own; none: lines as they are. */
  readonly columns: readonly FieldColumn[];
  /** The line that is marked. */
  readonly current: LogLine | undefined;
  /** The marked line is shown in full beside the others. */
  readonly detail: boolean;
  /** A line is shown among all that were written beside it, whatever the filter says of those. */
  readonly context: boolean;
  /** Somebody types a time to jump to. */
  readonly asksTime: boolean;
  /** Something was cleared and can be brought back. */
  readonly cleared: boolean;
  /** Why no more lines come. */
  readonly ended: string | undefined;
  readonly empty: boolean;
}

export function initialState(
  services: readonly string[],
  span: LogPaneState['filter']['span'] = {},
): LogPaneState {
  return {
    services,
    follow: true,
    waiting: 0,
    time: 'absolute',
    wrap: false,
    filter: { ...NO_FILTER, span },
    columns: [],
    current: undefined,
    detail: false,
    context: false,
    asksTime: false,
    cleared: false,
    ended: undefined,
    empty: true,
  };
}
