import './progress.css';
import { cx } from './cx.ts';

interface ProgressProps {
  readonly label: string;
  /** Between 0 and 1; absent while it is not known. */
  readonly share?: number | undefined;
}

/** How far something is. */
export function Progress({ label, share }: ProgressProps) {
  const known = share === undefined ? undefined : Math.min(1, Math.max(0, share));
  return (
    <span
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known === undefined ? undefined : Math.round(known * 100)}
      className={cx('progress', known === undefined && 'unknown')}
    >
      <i style={known === undefined ? undefined : { transform: `scaleX(${known})` }} />
    </span>
  );
}
