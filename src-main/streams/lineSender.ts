import type { ByteChannel } from '#base/byteChannel.ts';
import type { DownControl } from '#contract/streams.ts';
import type { Credit } from './credit.ts';
import { MAX_BATCH_BYTES, WireBatch, type WireLine } from './wireBatch.ts';

/** A burst comes whole up to so many lines: what a pane keeps to scroll back through. */
export const BURST_LINES = 10_000;
/** More than anybody reads: the allowance grows again by so many lines in a second. */
const LINES_PER_SECOND = 2000;
/** A reader that fell behind is sent everything again after about half a second of calm. */
const CALM_LINES = 1000;
/** A reader that is behind gets between one and two of these each time: more than a screen holds. */
const NEWEST_LINES = 100;
/** What has not been sent after this time is not news any more, in milliseconds. */
const LATE_MS = 500;
/** Nobody sees more than one frame; of a flood, not more than a part of them. In milliseconds. */
const FRAME_MS = 16;
const FLOOD_FRAME_MS = 100;

export interface LineSenderOptions {
  readonly channel: ByteChannel;
  readonly credit: Credit;
  readonly now?: () => number;
}

/** Sends the lines of a view in batches, as far as there is credit. */
export class LineSender {
  readonly #channel: ByteChannel;
  readonly #credit: Credit;
  readonly #now: () => number;
  readonly #batch = new WireBatch();
  /** The batch before, while it is not known whether it belongs to the newest. */
  #held: { readonly bytes: Uint8Array; readonly lines: number } | undefined;
  #passedOver = 0;
  #allowance = BURST_LINES;
  #allowanceAt: number;
  #isBehind = false;
  #begunAt = 0;
  #sentAt = 0;
  #keepsUp = false;
  #closed = false;

  constructor({ channel, credit, now = () => performance.now() }: LineSenderOptions) {
    this.#channel = channel;
    this.#credit = credit;
    this.#now = now;
    this.#allowanceAt = now();
  }

  /**
   * From here on passes over lines, and says how many, once a burst is longer than `BURST_LINES` or the reader is late: what
   * is sent then is always the end of what is there.
   */
  keepUp(): void {
    this.#keepsUp = true;
    this.#allowance = BURST_LINES;
  }

  close(): void {
    this.#closed = true;
  }

  /** How long to wait before the next look at what came, in milliseconds. After a silence: not at all. */
  get restMs(): number {
    if (!this.#keepsUp) return 0;
    return Math.max(0, this.#sentAt + (this.#isBehind ? FLOOD_FRAME_MS : FRAME_MS) - this.#now());
  }

  /** Everything that is there now is sent, or passed over, until `finish`. */
  begin(): void {
    this.#begunAt = this.#now();
    this.#refill();
  }

  async send(line: WireLine): Promise<void> {
    if (!this.#batch.fits(line) || (this.#isBehind && this.#batch.lines >= NEWEST_LINES))
      await this.#onFull();
    this.#batch.add(line);
    this.#spend(1);
    if (this.#batch.length >= MAX_BATCH_BYTES) await this.#onFull();
  }

  /** What was found so far, for a reader that would otherwise wait long. */
  async flush(): Promise<void> {
    if (!this.#isLate()) await this.#flushBatch();
  }

  /** Nothing more is there for now. */
  async finish(): Promise<void> {
    await this.#credit.ready();
    if (this.#closed) return;
    if (this.#passedOver > 0)
      this.#channel.control({ type: 'skipped', lines: this.#passedOver } satisfies DownControl);
    this.#passedOver = 0;
    const held = this.#held?.bytes;
    this.#held = undefined;
    if (held === undefined) return this.#flushBatch();
    // One message where it fits: each is drawn by itself.
    if (held.length + this.#batch.length > MAX_BATCH_BYTES) {
      this.#post(held);
      return this.#flushBatch();
    }
    this.#post(Buffer.concat([held, this.#batch.take()]));
  }

  async #onFull(): Promise<void> {
    if (!this.#isLate()) return this.#flushBatch();
    this.#passedOver += this.#held?.lines ?? 0;
    this.#held = { lines: this.#batch.lines, bytes: this.#batch.take() };
  }

  async #flushBatch(): Promise<void> {
    if (this.#batch.length === 0) return;
    await this.#credit.ready();
    if (!this.#closed) this.#post(this.#batch.take());
  }

  #post(bytes: Uint8Array): void {
    this.#sentAt = this.#now();
    this.#credit.sent(bytes.length);
    this.#channel.send(bytes);
  }

  #isLate(): boolean {
    if (!this.#keepsUp) return false;
    if (this.#now() - this.#begunAt > LATE_MS) this.#isBehind = true;
    return this.#isBehind;
  }

  #spend(lines: number): void {
    this.#allowance = Math.max(0, this.#allowance - lines);
    if (this.#keepsUp && this.#allowance === 0) this.#isBehind = true;
  }

  #refill(): void {
    const now = this.#now();
    const grown = ((now - this.#allowanceAt) / 1000) * LINES_PER_SECOND;
    this.#allowance = Math.min(BURST_LINES, this.#allowance + grown);
    this.#allowanceAt = now;
    if (this.#allowance >= CALM_LINES) this.#isBehind = false;
  }
}
