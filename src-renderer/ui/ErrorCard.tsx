import './states.css';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
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
      {output && <Output text={output} />}
      {actions && <div className="card-actions">{actions}</div>}
    </section>
  );
}

/** Long output shows its end: what a program says last is why it gave up. */
function Output({ text }: { readonly text: string }) {
  const box = useRef<HTMLPreElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other text is another end.
  useLayoutEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard must be able to scroll too.
    <pre ref={box} tabIndex={0}>
      {text}
    </pre>
  );
}
