import type { Clock } from '#base/clock.ts';
import type { ContainerId } from '#contract/ids.ts';

/** The starts of one run: what each has shown of how busy the engine's machine is. */
export class Starts {
  readonly #clock: Clock;
  readonly #known = new Map<ContainerId, { readonly tookMs: number; readonly among: number }>();
  #underWay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Milliseconds that the engine takes to start a container as things are now: as long as it did while others are being started,
   * its part of that when they have been. Undefined for one that was not started here.
   */
  takesMs(container: ContainerId): number | undefined {
    const known = this.#known.get(container);
    return known && (this.#underWay > 0 ? known.tookMs : known.tookMs / known.among);
  }

  /** Carries out a start. */
  async measure(container: ContainerId, start: () => Promise<void>): Promise<void> {
    const began = this.#clock.monotonic();
    this.#underWay += 1;
    const among = this.#underWay;
    try {
      await start();
      this.#known.set(container, { tookMs: this.#clock.monotonic() - began, among });
    } finally {
      this.#underWay -= 1;
    }
  }
}
