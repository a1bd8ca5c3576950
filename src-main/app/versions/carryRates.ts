import type { StepProgress } from '#middleware/switch/world.ts';

/** How fast carries of one product went on this machine, learned from those that were done. */
export interface CarryRate {
  /** Of the data itself: dumped, restored and compared. */
  readonly bytesPerSecond: number;
  /** Two servers that start and stop, whatever the size. */
  readonly overheadMs: number;
}

export interface CarryMeasure {
  readonly bytes: number;
  /** While the data moved and was compared. */
  readonly movedMs: number;
  /** All of the switch. */
  readonly totalMs: number;
}

/** Before the first: two servers start in a few seconds; a dump piped into a restore is slow rather than fast. */
const FIRST_RATE: CarryRate = { bytesPerSecond: 20 * 1024 * 1024, overheadMs: 5_000 };
/** Below this the servers' own pace is measured, not the data's. */
const TELLING_BYTES = 8 * 1024 * 1024;
/** Weight of the newest carry: machines change, and so does what runs beside. */
const NEWEST = 0.5;

export type CarryRates = Readonly<Record<string, CarryRate>>;

/** The rates of a file's text; what cannot be read is as if nothing had been learned. */
export function parseRates(text: string | undefined): CarryRates {
  try {
    const rates = JSON.parse(text ?? '{}') as CarryRates;
    return typeof rates === 'object' && rates !== null ? rates : {};
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {};
    throw thrown;
  }
}

/** How long a carry of so much will take, in milliseconds. */
export function estimateCarry(rates: CarryRates, product: string, bytes: number): number {
  const { bytesPerSecond, overheadMs } = rates[product] ?? FIRST_RATE;
  return overheadMs + (bytes / bytesPerSecond) * 1000;
}

/** The rates with one more carry in them. */
export function learnCarry(rates: CarryRates, product: string, measure: CarryMeasure): CarryRates {
  const before = rates[product] ?? FIRST_RATE;
  const overheadMs = mix(before.overheadMs, Math.max(0, measure.totalMs - measure.movedMs));
  if (measure.bytes < TELLING_BYTES) return { ...rates, [product]: { ...before, overheadMs } };
  const seen = (measure.bytes / Math.max(1, measure.movedMs)) * 1000;
  return { ...rates, [product]: { bytesPerSecond: mix(before.bytesPerSecond, seen), overheadMs } };
}

function mix(before: number, now: number): number {
  return Math.round(before * (1 - NEWEST) + now * NEWEST);
}

/** Holds when a switch began and how long its data took, pulling not counted. */
export class CarryWatch {
  readonly #now: () => number;
  #begun = 0;
  #moving = 0;
  #moved = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  hear({ step, status }: StepProgress): void {
    if (step === 'stop' && status === 'running' && this.#begun === 0) this.#begun = this.#now();
    if (step === 'move' && status === 'running' && this.#moving === 0) this.#moving = this.#now();
    if (step === 'verify' && status === 'done') this.#moved = this.#now();
  }

  measure(): { readonly movedMs: number; readonly totalMs: number } {
    return { movedMs: this.#moved - this.#moving, totalMs: this.#now() - this.#begun };
  }
}
