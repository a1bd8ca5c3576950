import {
  ArrowDown,
  ArrowDownToLine,
  ArrowUp,
  CircleAlert,
  Clock,
  Eraser,
  type LucideIcon,
  PanelRight,
  Power,
  Search,
  TextWrap,
  Undo2,
} from 'lucide-react';
import type { TimeShown } from './lineFormat.ts';
import type { LogPane } from './logPane.ts';

/** Something to do with a log pane: by its menu, by one key while it has the focus, and in the palette. */
export interface LogCommand {
  readonly id: string;
  readonly title: string;
  readonly icon: LucideIcon;
  readonly keys: string;
  readonly words?: string;
  /** Stands in the menu of places to go to. */
  readonly goes?: true;
  readonly run: (pane: LogPane) => void;
}

export const NEXT_TIME: Readonly<Record<TimeShown, TimeShown>> = {
  absolute: 'boot',
  boot: 'off',
  off: 'absolute',
};

export const LOG_COMMANDS: readonly LogCommand[] = [
  {
    id: 'next-error',
    title: 'Next error',
    icon: CircleAlert,
    keys: 'e',
    goes: true,
    run: (pane) => void pane.place.showError('after'),
  },
  {
    id: 'previous-error',
    title: 'Previous error',
    icon: CircleAlert,
    keys: 'shift+e',
    goes: true,
    run: (pane) => void pane.place.showError('before'),
  },
  {
    id: 'next-boot',
    title: 'Next boot',
    icon: Power,
    keys: 'b',
    goes: true,
    run: (pane) => void pane.place.showBoot('after'),
  },
  {
    id: 'previous-boot',
    title: 'Previous boot',
    icon: Power,
    keys: 'shift+b',
    goes: true,
    run: (pane) => void pane.place.showBoot('before'),
  },
  {
    id: 'first-boot',
    title: 'First boot',
    icon: Power,
    keys: 'g',
    goes: true,
    run: (pane) => void pane.place.showBoot('first'),
  },
  {
    id: 'last-boot',
    title: 'Last boot',
    icon: Power,
    keys: 'shift+g',
    goes: true,
    run: (pane) => void pane.place.showBoot('last'),
  },
  {
    id: 'time-of',
    title: 'A time…',
    icon: Clock,
    keys: 't',
    words: 'jump go instant date',
    goes: true,
    run: (pane) => pane.askTime(true),
  },
  {
    id: 'end',
    title: 'The end, and follow',
    icon: ArrowDownToLine,
    keys: 'end',
    goes: true,
    run: (pane) => pane.setFollow(true),
  },
  {
    id: 'follow',
    title: 'Follow or pause',
    icon: ArrowDownToLine,
    keys: 'f',
    run: (pane) => pane.setFollow(!pane.state.getState().follow),
  },
  {
    id: 'detail',
    title: 'Show the marked line in full',
    icon: PanelRight,
    keys: 'enter',
    words: 'fields expand detail',
    run: (pane) => pane.setDetail(!pane.state.getState().detail),
  },
  {
    id: 'up',
    title: 'Mark the line before',
    icon: ArrowUp,
    keys: 'arrowup',
    run: (pane) => pane.step(-1),
  },
  {
    id: 'down',
    title: 'Mark the line behind',
    icon: ArrowDown,
    keys: 'arrowdown',
    run: (pane) => pane.step(1),
  },
  {
    id: 'search',
    title: 'Search everything stored',
    icon: Search,
    keys: '/',
    words: 'find filter',
    run: (pane) => pane.finder.open(),
  },
  {
    id: 'next-match',
    title: 'Next match',
    icon: Search,
    keys: 'n',
    run: (pane) => pane.finder.step('next'),
  },
  {
    id: 'previous-match',
    title: 'Previous match',
    icon: Search,
    keys: 'shift+n',
    run: (pane) => pane.finder.step('previous'),
  },
  {
    id: 'time',
    title: 'Times: of the day, since the last run, none',
    icon: Clock,
    keys: 'm',
    words: 'timestamps',
    run: (pane) => pane.setTime(NEXT_TIME[pane.state.getState().time]),
  },
  {
    id: 'wrap',
    title: 'Wrap long lines, or do not',
    icon: TextWrap,
    keys: 'w',
    run: (pane) => pane.setWrap(!pane.state.getState().wrap),
  },
  { id: 'clear', title: 'Clear', icon: Eraser, keys: 'c', run: (pane) => pane.clear() },
  {
    id: 'undo-clear',
    title: 'Bring back what was cleared',
    icon: Undo2,
    keys: 'u',
    run: (pane) => pane.undoClear(),
  },
  {
    id: 'export',
    title: 'Export as text',
    icon: ArrowDownToLine,
    keys: 'x',
    words: 'save download',
    run: (pane) => pane.question.export('text'),
  },
  {
    id: 'export-json',
    title: 'Export as JSON lines',
    icon: ArrowDownToLine,
    keys: 'shift+x',
    words: 'save download',
    run: (pane) => pane.question.export('jsonLines'),
  },
];
