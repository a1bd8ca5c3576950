import './states.css';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

interface ErrorCardProps {
  readonly title: string;
  /** Its accessible name, where several cards may have the same title. */
  readonly label?: string;
  readonly tone?: 'fail' | 'wait';
  readonly children?: ReactNode;
  /** What it printed, kept as it was. */
  readonly output?: string | undefined;
  readonly actions?: ReactNode;
  readonly className?: string;
}

/** What went wrong, where it happened, and the buttons that fix it. */
export function ErrorCard({
  title,
  label = title,
  tone = 'fail',
  children,
  output,
  actions,
  className,
}: ErrorCardProps) {
  return (
    <section className={cx('card', tone, className)} aria-label={label}>
      <h2 className="selectable">{title}</h2>
      {children}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long output scrolls, and a keyboard must be able to. */}
      {output && <pre tabIndex={0}>{output}</pre>}
      {actions && <div className="card-actions">{actions}</div>}
    </section>
  );
}
