import type { Clock } from '#base/clock.ts';
import type { Progress } from '#contract/runModel.ts';
import type { PullProgress } from '#engine/images.ts';

/** Between two reports, milliseconds: faster than the eye, slow enough for two hundred pulls at once. */
const REPORT_EVERY_MS = 100;
/** The rate is smoothed over about this many milliseconds. */
const RATE_WINDOW_MS = 2_000;

interface Layer {
  current: number;
  total: number | undefined;
  done: boolean;
}

/** Adds up what the engine says of each layer. Bytes count once: when they arrive, not when they are unpacked. */
export class PullMeter {
  readonly #layers = new Map<string, Layer>();
  readonly #clock: Clock;
  readonly #report: (progress: Progress) => void;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #ratedAt: number;
  #ratedBytes = 0;
  #rate: number | undefined;

  constructor(clock: Clock, report: (progress: Progress) => void) {
    this.#clock = clock;
    this.#report = report;
    this.#ratedAt = clock.monotonic();
  }

  apply(progress: PullProgress): void {
    // Digests and closing words of the engine are no progress.
    if (progress.phase === 'message') return;
    if (progress.layer !== '') this.#layers.set(progress.layer, this.#next(progress));
    const now = this.#clock.monotonic();
    if (now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now;
    this.#report(this.#sum(now, progress.text));
  }

  #next(progress: PullProgress): Layer {
    const layer = this.#layers.get(progress.layer) ?? { current: 0, total: undefined, done: false };
    switch (progress.phase) {
      case 'downloading':
        return { ...layer, current: progress.current ?? layer.current, total: progress.total ?? layer.total };
      case 'exists':
        return { current: 0, total: 0, done: true };
      case 'downloaded':
      case 'verifying':
      case 'extracting':
        return { ...layer, current: layer.total ?? layer.current };
      case 'done':
        return { ...layer, current: layer.total ?? layer.current, done: true };
      case 'waiting':
      case 'retrying':
      case 'message':
        return layer;
    }
  }

  #sum(now: number, text: string): Progress {
    const layers = [...this.#layers.values()];
    const current = layers.reduce((all, layer) => all + layer.current, 0);
    const known = layers.length > 0 && layers.every((layer) => layer.total !== undefined);
    this.#measure(now, current);
    return {
      current,
      ...(known ? { total: layers.reduce((all, layer) => all + (layer.total ?? 0), 0) } : {}),
      unit: 'bytes',
      ...(this.#rate === undefined ? {} : { rate: this.#rate }),
      text,
    };
  }

  #measure(now: number, bytes: number): void {
    const elapsed = now - this.#ratedAt;
    if (elapsed < REPORT_EVERY_MS) return;
    const rate = ((bytes - this.#ratedBytes) * 1000) / elapsed;
    const weight = Math.min(1, elapsed / RATE_WINDOW_MS);
    this.#rate = Math.max(0, this.#rate === undefined ? rate : this.#rate + (rate - this.#rate) * weight);
    this.#ratedAt = now;
    this.#ratedBytes = bytes;
  }
}
