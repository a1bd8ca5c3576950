import type { Instant } from './instant.ts';
import { FLAG_MORE, KIND_MASK } from './rows.ts';

/**
 * How far one container's lines have been stored: enough to ask the engine for the rest and to know again what comes twice.
 * All rows with the last timestamp count, since the engine's `since` gives every line of that nanosecond once more.
 */
export class ContainerEntry {
  readonly id: string;
  readonly index: number;
  #secs = 0;
  #nanos = 0;
  #count = 0;
  /** One bit a kind: a long line has begun and its end has not come. */
  #open = 0;
  #wentBack = false;

  constructor(id: string, index: number) {
    this.id = id;
    this.index = index;
  }

  static decode(index: number, text: string): ContainerEntry {
    const [id = '', secs, nanos, count, open, wentBack] = text.trim().split(' ');
    const entry = new ContainerEntry(id, index);
    entry.#secs = Number(secs ?? 0);
    entry.#nanos = Number(nanos ?? 0);
    entry.#count = Number(count ?? 0);
    entry.#open = Number(open ?? 0);
    entry.#wentBack = wentBack === '1';
    return entry;
  }

  encode(): string {
    return `${this.id} ${this.#secs} ${this.#nanos} ${this.#count} ${this.#open} ${this.#wentBack ? 1 : 0}`;
  }

  /** Undefined before the first row. */
  get last(): Instant | undefined {
    return this.#count === 0 ? undefined : { secs: this.#secs, nanos: this.#nanos };
  }

  /** Rows stored with the last timestamp. */
  get count(): number {
    return this.#count;
  }

  /** The container's clock was set back at some time: then only the store's own rows say what has been stored. */
  get wentBack(): boolean {
    return this.#wentBack;
  }

  isOpen(kind: number): boolean {
    return (this.#open & (1 << kind)) !== 0;
  }

  note(secs: number, nanos: number, meta: number): void {
    if (secs === this.#secs && nanos === this.#nanos) {
      this.#count++;
    } else {
      if (secs < this.#secs || (secs === this.#secs && nanos < this.#nanos)) this.#wentBack = true;
      this.#secs = secs;
      this.#nanos = nanos;
      this.#count = 1;
    }
    const bit = 1 << (meta & KIND_MASK);
    if ((meta & FLAG_MORE) === 0) this.#open &= ~bit;
    else this.#open |= bit;
  }
}
