import './pill.css';
import { ChevronDown } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon } from './Icon.tsx';

interface PillProps {
  readonly text: string;
  /** What happens on a click, for screen readers; without `onClick` it is only a label. */
  readonly label?: string;
  readonly look?: 'normal' | 'lead' | 'plain';
  readonly onClick?: (() => void) | undefined;
}

/** A short fact that can often be changed by clicking on it: a version. */
export function Pill({ text, label, look = 'normal', onClick }: PillProps) {
  const className = cx('pill', look !== 'normal' && look);
  if (!onClick) {
    return (
      <span className={className} title={text}>
        <span className="cut">{text}</span>
      </span>
    );
  }
  return (
    <button type="button" className={className} aria-label={label} onClick={onClick}>
      <span className="cut">{text}</span>
      <Icon of={ChevronDown} size={12} />
    </button>
  );
}
