import type { Clock } from '#base/clock.ts';
import { missing } from '../requestBase.ts';

/** Time to open the stream after the request that prepared it, in milliseconds. */
const TICKET_MS = 5 * 60_000;
/** Somebody who asks for tickets only gets the oldest ones taken away. */
const MAX_TICKETS = 200;

/** What a ticket stands for: bytes to be fetched, or to be brought. */
export type Transfer =
  | { readonly type: 'download'; open(signal: AbortSignal): AsyncIterable<Uint8Array> }
  | { readonly type: 'upload'; take(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> };

/** Transfers that a request prepared and a stream will carry: each once, and not for ever. */
export class Tickets {
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #waiting = new Map<string, { readonly transfer: Transfer; readonly until: number }>();

  constructor(options: { readonly clock: Clock; readonly newId: () => string }) {
    this.#clock = options.clock;
    this.#newId = options.newId;
  }

  issue(transfer: Transfer): string {
    const now = this.#clock.monotonic();
    for (const [ticket, { until }] of this.#waiting) {
      if (until < now || this.#waiting.size >= MAX_TICKETS) this.#waiting.delete(ticket);
    }
    const ticket = this.#newId();
    this.#waiting.set(ticket, { transfer, until: now + TICKET_MS });
    return ticket;
  }

  /** Rejects with `notFound` when it was used or has run out. */
  redeem<T extends Transfer['type']>(ticket: string, type: T): Extract<Transfer, { readonly type: T }> {
    const entry = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    if (entry?.transfer.type === type && entry.until >= this.#clock.monotonic()) {
      return entry.transfer as Extract<Transfer, { readonly type: T }>;
    }
    throw missing(`${type} ${ticket}`, `This ${type} is over or was never prepared. Ask for it again.`);
  }
}
