/** A pane that lives outside of React: shown, hidden, and closed. */
export interface Pane {
  readonly element: HTMLElement;
  /** Somebody looks: draw, and let the bytes flow. */
  show(parent: HTMLElement): Promise<void>;
  /** Nobody looks: take no bytes and draw nothing, but lose nothing. */
  hide(): void;
  /** The room has changed. */
  fit(): void;
  focus(): void;
  /** `close` also ends what runs in it; `leave` keeps it for a window that comes back. */
  dispose(how: 'close' | 'leave'): void;
}
