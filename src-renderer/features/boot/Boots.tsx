import { describeTook } from '#contract/describe.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';
import { cx } from '#ui/cx.ts';

interface BootsProps {
  /** Newest first. */
  readonly history: readonly BootTimeline[];
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}

const SHOWN = 24;

/** The last boots as bars, oldest on the left; a click shows one of them. */
export function Boots({ history, chosen, onChoose }: BootsProps) {
  const shown = history.slice(0, SHOWN);
  if (shown.length < 2) return null;
  const longest = Math.max(1, ...shown.map((boot) => boot.totalMs));
  return (
    <div className="boots" role="toolbar" aria-label="Last boots">
      {shown
        .map((boot, index) => {
          const words = `${index === 0 ? 'Last boot' : `${index + 1} boots ago`}: ${describeTook(boot.totalMs)}, ${boot.outcome}`;
          return (
            <button
              key={boot.run}
              type="button"
              className={cx(boot.outcome)}
              aria-label={words}
              aria-pressed={index === chosen}
              data-tip={words}
              onClick={() => onChoose(index)}
            >
              <i style={{ height: `${(boot.totalMs / longest) * 100}%` }} />
            </button>
          );
        })
        .toReversed()}
    </div>
  );
}
