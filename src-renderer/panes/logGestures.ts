import { Disposables } from '#base/disposables.ts';
import type { LogLine } from '#contract/logBatch.ts';
import { copyWithoutPrefixes } from './copyText.ts';
import type { Screen } from './screen.ts';

/** Where the view stands now. */
export interface ViewMove {
  readonly atEnd: boolean;
  /** It stood elsewhere before. */
  readonly cameToEnd: boolean;
}

interface LogGesturesOptions {
  readonly screen: Screen;
  /** The line drawn in a row of the terminal's buffer. */
  readonly lineAt: (row: number) => LogLine | undefined;
  /** Letters that a copy leaves out before each line. */
  readonly prefixWidth: () => number;
  /** A line was clicked, once or twice. */
  readonly onLine: (line: LogLine, clicks: number) => void;
  /** The view may have moved. */
  readonly onView: (move: ViewMove) => void;
  /** Somebody wants to see what is before or behind the view. */
  readonly onReach: (end: 'older' | 'newer') => void;
  /** False where the key means something to the pane. */
  readonly onKey: (event: KeyboardEvent) => boolean;
}

/** A hand that clicks is not quite still. */
const DRAG_PX = 4;

/** What is done to a log pane with mouse and wheel, and what is copied from it. */
export class LogGestures {
  readonly #options: LogGesturesOptions;
  readonly #disposables = new Disposables();
  #wasAtEnd = true;
  /** Where the mouse was pressed, in pixels. */
  #pressedAt = { x: 0, y: 0 };

  constructor(options: LogGesturesOptions) {
    this.#options = options;
    const { terminal, element } = options.screen;
    this.#disposables.add(terminal.onScroll(() => this.#look()));
    const look = () => requestAnimationFrame(() => this.#look());
    for (const type of ['pointerup', 'keyup']) element.addEventListener(type, look, { passive: true });
    element.addEventListener('wheel', ({ deltaY }) => requestAnimationFrame(() => this.moved(deltaY)), {
      passive: true,
    });
    element.addEventListener(
      'pointerdown',
      ({ clientX: x, clientY: y }) => (this.#pressedAt = { x, y }),
      true,
    );
    element.addEventListener('click', (event) => this.#onClick(event));
    element.addEventListener('copy', (event) => this.#copy(event), true);
    terminal.attachCustomKeyEventHandler(options.onKey);
  }

  dispose(): void {
    void this.#disposables.dispose();
  }

  get isAtEnd(): boolean {
    const { viewportY, baseY } = this.#options.screen.terminal.buffer.active;
    return viewportY >= baseY;
  }

  /** The view was moved, up where `by` is negative. */
  moved(by: number): void {
    this.#look();
    if (by !== 0) this.#options.onReach(by < 0 ? 'older' : 'newer');
  }

  #look(): void {
    const atEnd = this.isAtEnd;
    const cameToEnd = atEnd && !this.#wasAtEnd;
    this.#wasAtEnd = atEnd;
    this.#options.onView({ atEnd, cameToEnd });
  }

  #onClick(event: MouseEvent): void {
    const { screen, lineAt, onLine } = this.#options;
    if (event.button !== 0 || this.#hasSelected(event)) return;
    const row = screen.rowAt(event.clientY);
    const line = row === undefined ? undefined : lineAt(row);
    if (line !== undefined) onLine(line, event.detail);
  }

  /** A double click selects a word by the way: it is a click all the same. */
  #hasSelected({ clientX, clientY, detail }: MouseEvent): boolean {
    const { x, y } = this.#pressedAt;
    const isDrag = Math.hypot(clientX - x, clientY - y) > DRAG_PX;
    return this.#options.screen.terminal.hasSelection() && (isDrag || detail !== 2);
  }

  #copy(event: ClipboardEvent): void {
    const { terminal } = this.#options.screen;
    if (!terminal.hasSelection() || !event.clipboardData) return;
    event.clipboardData.setData('text/plain', copyWithoutPrefixes(terminal, this.#options.prefixWidth()));
    event.preventDefault();
    event.stopPropagation();
  }
}
